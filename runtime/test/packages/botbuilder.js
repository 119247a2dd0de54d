// Runs in both realms. Each scenario gets the package and answers something JSON can hold.
(() => {
  const MESSAGE = {
    type: 'message', id: 'm1', text: '<at>bot</at> hello', channelId: 'msteams', serviceUrl: 'http://service.test', locale: 'en-US',
    conversation: { id: 'c1', tenantId: 't1' }, from: { id: 'u1', name: 'User' }, recipient: { id: 'b1', name: 'bot' },
    entities: [{ type: 'mention', text: '<at>bot</at>', mentioned: { id: 'b1', name: 'bot' } }],
    channelData: { team: { id: 'team1' }, channel: { id: 'channel1' }, tenant: { id: 't1' } },
  };
  const adapterOf = (bot) => class extends bot.BotAdapter {
    sent = [];
    async sendActivities(context, activities) {
      this.sent.push(...activities.map((activity) => ({ ...activity })));
      return activities.map((activity, index) => ({ id: `r${index}` }));
    }
    async updateActivity(context, activity) {
      this.sent.push({ updated: activity.id });
      return { id: activity.id };
    }
    async deleteActivity(context, reference) {
      this.sent.push({ deleted: reference.activityId });
    }
    async continueConversation(reference, logic) {
      const context = new bot.TurnContext(this, bot.TurnContext.applyConversationReference({ type: 'event', name: 'continueConversation' }, reference, true));
      await this.runMiddleware(context, logic);
    }
  };
  const turn = (bot, activity = {}) => {
    const adapter = new (adapterOf(bot))();
    return { adapter, context: new bot.TurnContext(adapter, { ...structured(MESSAGE), ...activity }) };
  };
  const structured = (value) => JSON.parse(JSON.stringify(value));
  const failed = async (work) => {
    try {
      return { answered: await work() };
    } catch (error) {
      return { name: error.name, message: error.message };
    }
  };

  return {
    cards: (bot) => [
      bot.CardFactory.heroCard('title', 'text', ['http://images.test/a.png'], ['ok', { type: 'openUrl', title: 'b', value: 'http://b.test' }]),
      bot.CardFactory.thumbnailCard('title', [{ url: 'http://images.test/a.png' }], []),
      bot.CardFactory.adaptiveCard({ type: 'AdaptiveCard', version: '1.2', body: [{ type: 'TextBlock', text: 'hi' }] }),
      bot.CardFactory.signinCard('sign in', 'http://login.test', 'please'),
      bot.CardFactory.receiptCard({ title: 'receipt', items: [], total: '1' }),
      bot.CardFactory.audioCard('a', ['http://sound.test']),
      bot.CardFactory.oauthCard('connection', 'title', 'text'),
    ],
    messages: (bot) => [
      bot.MessageFactory.text('hi', 'hi there', bot.InputHints.ExpectingInput),
      bot.MessageFactory.suggestedActions(['a', 'b'], 'choose'),
      bot.MessageFactory.attachment(bot.CardFactory.heroCard('x')),
      bot.MessageFactory.carousel([bot.CardFactory.heroCard('x'), bot.CardFactory.heroCard('y')], 'two'),
      bot.MessageFactory.contentUrl('http://images.test/a.png', 'image/png', 'a'),
      bot.ActivityFactory.fromObject({ text: 'text', speak: 'speak' }),
    ],
    constants: (bot) => [bot.ActivityTypes, bot.ActionTypes, bot.StatusCodes, bot.DeliveryModes, bot.TokenExchangeInvokeRequest, bot.INVOKE_RESPONSE_KEY?.toString()],
    'a turn': async (bot) => {
      const { adapter, context } = turn(bot);
      const log = [];
      context.onSendActivities(async (c, activities, next) => {
        log.push(`sending ${activities.length}`);
        return next();
      });
      context.onUpdateActivity(async (c, activity, next) => {
        log.push('updating');
        return next();
      });
      const answer = await context.sendActivity('hello');
      await context.sendActivities([{ type: 'typing' }, { type: 'delay', value: 1 }, bot.MessageFactory.text('bye')]);
      await context.updateActivity({ id: 'r0', text: 'changed', type: 'message' });
      await context.deleteActivity('r0');
      return [answer, log, adapter.sent, context.responded];
    },
    'references and mentions': (bot) => {
      const { context } = turn(bot);
      const reference = bot.TurnContext.getConversationReference(context.activity);
      return [
        reference, bot.TurnContext.applyConversationReference({ type: 'message', text: 'x' }, reference), bot.TurnContext.getMentions(context.activity),
        bot.TurnContext.removeRecipientMention(structured(MESSAGE)), bot.teamsGetTeamId(context.activity), bot.teamsGetChannelId(context.activity),
      ];
    },
    'an activity handler': async (bot) => {
      const log = [];
      const handler = new bot.ActivityHandler();
      const note = (name) => async (context, next) => {
        log.push(name);
        await next();
      };
      handler.onTurn(note('turn')).onMessage(note('message')).onMembersAdded(note('members')).onDialog(note('dialog')).onReactionsAdded(note('reactions')).onUnrecognizedActivityType(note('unknown'));
      await handler.run(turn(bot).context);
      await handler.run(turn(bot, { type: 'conversationUpdate', membersAdded: [{ id: 'u2' }] }).context);
      await handler.run(turn(bot, { type: 'messageReaction', reactionsAdded: [{ type: 'like' }] }).context);
      await handler.run(turn(bot, { type: 'somethingElse' }).context);
      return [log, await failed(() => handler.run(undefined)), await failed(() => handler.run({ activity: {} }))];
    },
    'a Teams handler': async (bot) => {
      class Handler extends bot.TeamsActivityHandler {
        async handleTeamsMessagingExtensionQuery(context, query) {
          return { composeExtension: { type: 'result', attachmentLayout: 'list', attachments: [bot.CardFactory.heroCard(query.parameters[0].value)] } };
        }
        async handleTeamsTaskModuleFetch() {
          return { task: { type: 'message', value: 'task' } };
        }
      }
      const log = [];
      const handler = new Handler();
      handler.onTeamsChannelCreatedEvent(async (channel, team, context, next) => {
        log.push([channel.id, team.id]);
        await next();
      });
      const invoke = async (name, value) => {
        const { adapter, context } = turn(bot, { type: 'invoke', name, value });
        await handler.run(context);
        return adapter.sent.map((activity) => activity.value);
      };
      const { context } = turn(bot, { type: 'conversationUpdate', channelData: { eventType: 'channelCreated', channel: { id: 'c' }, team: { id: 't' } } });
      await handler.run(context);
      return [await invoke('composeExtension/query', { parameters: [{ name: 'q', value: 'searched' }] }), await invoke('task/fetch', {}), await invoke('composeExtension/fetchTask', {}), log];
    },
    middleware: async (bot) => {
      const log = [];
      const adapter = new (adapterOf(bot))();
      adapter.use(async (context, next) => {
        log.push('before');
        await next();
        log.push('after');
      });
      adapter.use(new bot.SkypeMentionNormalizeMiddleware()).use(new bot.MiddlewareSet(async (context, next) => {
        log.push('inner');
        await next();
      }));
      adapter.onTurnError = async (context, error) => void log.push(error.message);
      const { context } = turn(bot);
      await adapter.runMiddleware(context, async () => void log.push('logic'));
      await adapter.continueConversation(bot.TurnContext.getConversationReference(context.activity), async (it) => {
        log.push(it.activity.name);
        await it.sendActivity('proactive');
        throw new Error('failed in the turn');
      });
      return [log, adapter.sent];
    },
    'state in memory': async (bot) => {
      const storage = new bot.MemoryStorage();
      const conversation = new bot.ConversationState(storage), user = new bot.UserState(storage);
      const counts = conversation.createProperty('count'), names = user.createProperty('name');
      const seen = [];
      for (let round = 0; round < 3; round++) {
        const { context, adapter } = turn(bot);
        adapter.use(new bot.AutoSaveStateMiddleware(conversation, user));
        await adapter.runMiddleware(context, async () => {
          await counts.set(context, (await counts.get(context, 0)) + 1);
          seen.push([await counts.get(context), await names.get(context, 'nobody')]);
          await names.set(context, `name ${round}`);
        });
      }
      const stored = await storage.read(['msteams/conversations/c1/', 'msteams/users/u1/']);
      return [seen, stored, await failed(() => storage.write({ 'msteams/users/u1/': { eTag: 'other' } })), bot.calculateChangeHash({ b: 1, a: [1] })];
    },
    'transcripts in memory': async (bot) => {
      const store = new bot.MemoryTranscriptStore();
      const { adapter, context } = turn(bot);
      adapter.use(new bot.TranscriptLoggerMiddleware(store));
      await adapter.runMiddleware(context, async (it) => void await it.sendActivity('logged'));
      await Promise.resolve();
      const { items } = await store.getTranscriptActivities('msteams', 'c1');
      return items.map(({ type, text }) => [type, text]);
    },
    'the test adapter': async (bot) => {
      const adapter = new bot.TestAdapter(async (context) => {
        if (context.activity.text === 'hi') await context.sendActivity('hello');
        if (context.activity.text === 'two') await context.sendActivities([bot.MessageFactory.text('1'), bot.MessageFactory.text('2')]);
      });
      await adapter.test('hi', 'hello').send('two').assertReply('1').assertReply('2').startTest();
      return failed(() => adapter.test('hi', 'goodbye', 'what it said').startTest());
    },
    'speech and events': async (bot) => {
      const { adapter, context } = turn(bot, { channelId: 'directlinespeech' });
      adapter.use(new bot.SetSpeakMiddleware('en-US-Voice', true));
      await adapter.runMiddleware(context, async (it) => void await it.sendActivity(bot.MessageFactory.text('say it', 'say it <b>loud</b>')));
      const handoff = bot.EventFactory.createHandoffInitiation(context, { reason: 'help' });
      return [adapter.sent.map(({ text, speak }) => [text, speak]), handoff.name, handoff.value, handoff.conversation];
    },
    'a channel that is not implemented': async (bot) => {
      const handler = new bot.ChannelServiceHandler({}, {});
      return [await failed(() => handler.onSendToConversation()), await failed(() => handler.onGetActivityMembers())];
    },
    skills: async (bot) => {
      const factory = new bot.SkillConversationIdFactory(new bot.MemoryStorage());
      const id = await factory.createSkillConversationIdWithOptions({
        fromBotId: 'b', fromBotOAuthScope: 's', activity: structured(MESSAGE), botFrameworkSkill: { id: 'k', appId: 'a', skillEndpoint: 'http://skill.test' },
      });
      return [/^[0-9a-f-]{36}$/.test(id), await factory.getSkillConversationReference(id)];
    },
    'checks of arguments': async (bot) => [
      await failed(() => new bot.FileTranscriptStore('')), await failed(() => new bot.BotFrameworkHttpClient()), await failed(() => bot.TeamsInfo.getTeamDetails(turn(bot, { channelData: {} }).context)),
      await failed(() => bot.MessageFactory.attachment(undefined)), await failed(() => new bot.CloudAdapter({})), await failed(() => bot.verifyStateOperationName?.()),
    ],
  };
})
