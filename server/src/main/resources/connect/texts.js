// The texts of the page. A function inserts its arguments into a text.
const en = {
  sent: name => `You are sent to ${name} to sign in and to allow access.`,
  sentToInstall: name => `You are sent to ${name} to install the app. Somebody of your organization may have to approve it.`,
  sentToPlugin: name => `You are sent to ${name} to install the plugin.`,
  externalId: 'The trust policy of the role has to name this external id:',
  title: 'Connect a tool',
  lead: who => (who ? `Choose a tool that ${who} uses.` : 'Choose a tool that you use.'),
  find: 'Find a tool',
  tools: n => (n === 1 ? '1 tool' : `${n} tools`),
  nothing: text => `No tool is called “${text}”.`,
  empty: 'There is nothing to connect here.',
  back: 'Back to all tools',
  close: 'Close without connecting',
  connect: name => `Connect ${name}`,
  connectButton: 'Connect',
  connecting: 'Connecting…',
  help: 'Where do I find this?',
  newWindow: 'opens a new window',
  required: 'Fill in this field.',
  mismatch: example => (example ? `This does not look right. Example: ${example}` : 'This does not look right.'),
  notYet: 'Not connected yet. Correct the marked fields.',
  continueAt: name => `Continue at ${name}`,
  waiting: name => `A window of ${name} is open. Sign in there and allow access. This page then continues automatically.`,
  noWindow: 'Can you not see the window?',
  openAgain: 'Show the window',
  cancel: 'Cancel',
  connected: name => `${name} is connected`,
  pending: name => `${name} is almost connected`,
  connectedLead: 'You can close this page.',
  pendingLead: 'The connection will work once it has been approved.',
  done: 'Done',
  failed: name => `${name} is not connected`,
  again: 'Try again',
  details: 'Details for support',
  code: 'Code',
  expired: 'This link has expired. Ask for a new one.',
  noToken: 'This link is incomplete. Open it again from where you found it.',
  broken: 'This page is not available at the moment. Try again later.',
  blocked_by_browser: 'Your browser has blocked the window. Allow pop-ups for this site and connect again.',
  window_closed: 'The window was closed before you were done. Connect again.',
  connection_test_failed: 'These details were not accepted. Check them and connect again.',
  resource_capped: 'No more connections can be made at the moment. Contact the people who sent you this link.',
  stored: 'Stored encrypted',
  leave: 'What you have filled in will be lost.'
};

const de = {
  sent: name => `Sie melden sich bei ${name} an und erlauben dort den Zugriff.`,
  sentToInstall: name => `Sie installieren die App bei ${name}. Vielleicht muss jemand in Ihrer Organisation zustimmen.`,
  sentToPlugin: name => `Sie installieren das Plugin bei ${name}.`,
  externalId: 'Die Vertrauensrichtlinie der Rolle muss diese externe ID nennen:',
  title: 'Werkzeug verbinden', lead: who => (who ? `Wählen Sie das Werkzeug von ${who}.` : 'Wählen Sie Ihr Werkzeug.'),
  find: 'Werkzeug suchen', tools: n => (n === 1 ? '1 Werkzeug' : `${n} Werkzeuge`), nothing: text => `Kein Werkzeug heißt „${text}“.`,
  empty: 'Hier gibt es nichts zu verbinden.', back: 'Zurück zu allen Werkzeugen', close: 'Schließen, ohne zu verbinden',
  connect: name => `${name} verbinden`, connectButton: 'Verbinden', connecting: 'Wird verbunden…', help: 'Wo finde ich das?',
  newWindow: 'öffnet ein neues Fenster', required: 'Füllen Sie dieses Feld aus.',
  mismatch: example => (example ? `Das sieht nicht richtig aus. Beispiel: ${example}` : 'Das sieht nicht richtig aus.'),
  notYet: 'Noch nicht verbunden. Korrigieren Sie die markierten Felder.', continueAt: name => `Weiter bei ${name}`,
  waiting: name => `Ein Fenster von ${name} ist offen. Melden Sie sich dort an und erlauben Sie den Zugriff. Diese Seite geht von selbst weiter.`,
  noWindow: 'Sehen Sie das Fenster nicht?', openAgain: 'Fenster zeigen', cancel: 'Abbrechen',
  connected: name => `${name} ist verbunden`, pending: name => `${name} ist fast verbunden`, connectedLead: 'Sie können diese Seite schließen.',
  pendingLead: 'Die Verbindung gilt, sobald sie genehmigt ist.', done: 'Fertig', failed: name => `${name} ist nicht verbunden`,
  again: 'Noch einmal versuchen', details: 'Angaben für den Support', code: 'Code', expired: 'Dieser Link ist abgelaufen. Bitten Sie um einen neuen.',
  noToken: 'Dieser Link ist nicht vollständig. Öffnen Sie ihn noch einmal dort, wo Sie ihn gefunden haben.',
  broken: 'Diese Seite kann gerade nicht gezeigt werden. Versuchen Sie es später noch einmal.',
  blocked_by_browser: 'Ihr Browser hat das Fenster blockiert. Erlauben Sie Pop-ups dieser Seite und verbinden Sie noch einmal.',
  window_closed: 'Das Fenster wurde vorher geschlossen. Verbinden Sie noch einmal.',
  connection_test_failed: 'Diese Angaben wurden nicht angenommen. Prüfen Sie sie und verbinden Sie noch einmal.',
  resource_capped: 'Zurzeit sind keine weiteren Verbindungen möglich.', stored: 'Verschlüsselt gespeichert', leave: 'Ihre Eingaben gehen verloren.'
};

const fr = {
  sent: name => `Vous allez vous connecter chez ${name} et y autoriser l’accès.`,
  sentToInstall: name => `Vous allez installer l’application chez ${name}. Quelqu’un de votre organisation devra peut-être l’approuver.`,
  sentToPlugin: name => `Vous allez installer le module chez ${name}.`,
  externalId: 'La politique de confiance du rôle doit nommer cet identifiant externe :',
  title: 'Connecter un outil', lead: who => (who ? `Choisissez l’outil de ${who}.` : 'Choisissez votre outil.'), find: 'Chercher un outil',
  tools: n => (n === 1 ? '1 outil' : `${n} outils`), nothing: text => `Aucun outil ne s’appelle « ${text} ».`, empty: 'Il n’y a rien à connecter ici.',
  back: 'Retour à tous les outils', close: 'Fermer sans connecter', connect: name => `Connecter ${name}`, connectButton: 'Connecter', connecting: 'Connexion…',
  help: 'Où trouver cela ?', newWindow: 'ouvre une nouvelle fenêtre', required: 'Remplissez ce champ.',
  mismatch: example => (example ? `Cela ne semble pas correct. Exemple : ${example}` : 'Cela ne semble pas correct.'),
  notYet: 'Pas encore connecté. Corrigez les champs marqués.', continueAt: name => `Continuez chez ${name}`,
  waiting: name => `Une fenêtre de ${name} est ouverte. Connectez-vous et autorisez l’accès. Cette page continue d’elle-même.`,
  noWindow: 'Vous ne voyez pas la fenêtre ?', openAgain: 'Afficher la fenêtre', cancel: 'Annuler',
  connected: name => `${name} est connecté`, pending: name => `${name} est presque connecté`, connectedLead: 'Vous pouvez fermer cette page.',
  pendingLead: 'La connexion fonctionnera dès qu’elle sera approuvée.', done: 'Terminé', failed: name => `${name} n’est pas connecté`, again: 'Réessayer',
  details: 'Détails pour l’assistance', code: 'Code', expired: 'Ce lien a expiré. Demandez-en un autre.',
  noToken: 'Ce lien n’est pas complet. Ouvrez-le à nouveau là où vous l’avez trouvé.', broken: 'Cette page ne peut pas être affichée. Réessayez plus tard.',
  blocked_by_browser: 'Votre navigateur a bloqué la fenêtre. Autorisez les fenêtres de ce site et réessayez.',
  window_closed: 'La fenêtre a été fermée trop tôt. Réessayez.', connection_test_failed: 'Ces données n’ont pas été acceptées. Vérifiez-les et réessayez.',
  resource_capped: 'Aucune autre connexion n’est possible pour le moment.', stored: 'Stocké chiffré', leave: 'Vos saisies seront perdues.'
};

const es = {
  sent: name => `Iniciará sesión en ${name} y permitirá allí el acceso.`,
  sentToInstall: name => `Instalará la aplicación en ${name}. Quizá alguien de su organización deba aprobarla.`,
  sentToPlugin: name => `Instalará el complemento en ${name}.`,
  externalId: 'La política de confianza del rol debe nombrar este id externo:',
  title: 'Conectar una herramienta', lead: who => (who ? `Elija la herramienta de ${who}.` : 'Elija su herramienta.'), find: 'Buscar una herramienta',
  tools: n => (n === 1 ? '1 herramienta' : `${n} herramientas`), nothing: text => `Ninguna herramienta se llama «${text}».`, empty: 'Aquí no hay nada que conectar.',
  back: 'Volver a todas las herramientas', close: 'Cerrar sin conectar', connect: name => `Conectar ${name}`, connectButton: 'Conectar', connecting: 'Conectando…',
  help: '¿Dónde encuentro esto?', newWindow: 'abre una ventana nueva', required: 'Rellene este campo.',
  mismatch: example => (example ? `Esto no parece correcto. Ejemplo: ${example}` : 'Esto no parece correcto.'),
  notYet: 'Aún no está conectado. Corrija los campos marcados.', continueAt: name => `Siga en ${name}`,
  waiting: name => `Hay una ventana de ${name} abierta. Inicie sesión y permita el acceso. Esta página sigue sola.`,
  noWindow: '¿No ve la ventana?', openAgain: 'Mostrar la ventana', cancel: 'Cancelar',
  connected: name => `${name} está conectado`, pending: name => `${name} está casi conectado`, connectedLead: 'Puede cerrar esta página.',
  pendingLead: 'La conexión funcionará cuando se apruebe.', done: 'Listo', failed: name => `${name} no está conectado`, again: 'Intentar de nuevo',
  details: 'Detalles para soporte', code: 'Código', expired: 'Este enlace ha caducado. Pida otro.',
  noToken: 'Este enlace no está completo. Ábralo de nuevo donde lo encontró.', broken: 'Esta página no se puede mostrar ahora. Inténtelo más tarde.',
  blocked_by_browser: 'Su navegador ha bloqueado la ventana. Permita las ventanas de este sitio e inténtelo de nuevo.',
  window_closed: 'La ventana se cerró antes de terminar. Inténtelo de nuevo.', connection_test_failed: 'Estos datos no se aceptaron. Revíselos e inténtelo de nuevo.',
  resource_capped: 'Por ahora no se pueden hacer más conexiones.', stored: 'Guardado cifrado', leave: 'Se perderá lo que ha rellenado.'
};

const ja = {
  sent: name => `${name} でログインし、アクセスを許可します。`,
  sentToInstall: name => `${name} でアプリをインストールします。組織の承認が必要な場合があります。`,
  sentToPlugin: name => `${name} でプラグインをインストールします。`,
  externalId: 'ロールの信頼ポリシーにこの外部 ID を指定してください。',
  title: 'ツールを接続', lead: who => (who ? `${who} のツールを選んでください。` : 'ツールを選んでください。'), find: 'ツールを検索',
  tools: n => `${n} 件のツール`, nothing: text => `「${text}」というツールはありません。`, empty: '接続できるものはありません。',
  back: 'すべてのツールに戻る', close: '接続せずに閉じる', connect: name => `${name} を接続`, connectButton: '接続', connecting: '接続中…',
  help: 'どこにありますか', newWindow: '新しいウィンドウで開きます', required: '入力してください。',
  mismatch: example => (example ? `正しくないようです。例: ${example}` : '正しくないようです。'), notYet: 'まだ接続されていません。印の付いた項目を直してください。',
  continueAt: name => `${name} で続ける`, waiting: name => `${name} のウィンドウが開いています。ログインしてアクセスを許可してください。このページは自動で進みます。`,
  noWindow: 'ウィンドウが見えませんか。', openAgain: 'ウィンドウを表示', cancel: 'キャンセル',
  connected: name => `${name} を接続しました`, pending: name => `${name} はもうすぐ接続されます`, connectedLead: 'このページを閉じてかまいません。',
  pendingLead: '承認されると接続が使えるようになります。', done: '完了', failed: name => `${name} は接続されていません`, again: 'もう一度試す',
  details: 'サポート用の詳細', code: 'コード', expired: 'このリンクは期限切れです。新しいリンクを依頼してください。',
  noToken: 'このリンクは不完全です。元の場所からもう一度開いてください。', broken: '今はこのページを表示できません。後でもう一度お試しください。',
  blocked_by_browser: 'ブラウザーがウィンドウをブロックしました。ポップアップを許可してもう一度接続してください。',
  window_closed: '完了する前にウィンドウが閉じられました。もう一度接続してください。', connection_test_failed: 'この情報は受け付けられませんでした。確認してもう一度接続してください。',
  resource_capped: '今はこれ以上接続できません。', stored: '暗号化して保存', leave: '入力した内容は失われます。'
};

const all = { en, de, fr, es, ja };

/** The texts of the first language that is available, and its code. */
export function texts(...wanted) {
  for (const tag of wanted) {
    const code = String(tag ?? '').toLowerCase().split('-')[0];
    if (Object.hasOwn(all, code)) return { code, t: all[code] };
  }
  return { code: 'en', t: en };
}
