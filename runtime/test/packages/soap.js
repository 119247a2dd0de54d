// Runs in both realms. Each scenario gets the package and answers something JSON can hold.
((tools) => {
  const { Buffer } = tools;
  const element = (name, ...parts) => `<xsd:element name="${name}"><xsd:complexType><xsd:sequence>${parts.map((part) => `<xsd:element name="${part}" type="xsd:int"/>`).join('')}</xsd:sequence></xsd:complexType></xsd:element>`;
  const WSDL = `<?xml version="1.0"?>
<definitions name="Sums" targetNamespace="urn:sums" xmlns:tns="urn:sums" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema targetNamespace="urn:sums"><xsd:include schemaLocation="types.xsd"/>${element('AddResponse', 'result')}</xsd:schema></types>
  <message name="AddIn"><part name="parameters" element="tns:Add"/></message><message name="AddOut"><part name="parameters" element="tns:AddResponse"/></message>
  <portType name="Port"><operation name="Add"><input message="tns:AddIn"/><output message="tns:AddOut"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Add"><soap:operation soapAction="urn:add"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <service name="Sums"><port name="Port" binding="tns:Binding"><soap:address location="http://sums.test/service"/></port></service>
</definitions>`;
  const XSD = `<?xml version="1.0"?><xsd:schema targetNamespace="urn:sums" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${element('Add', 'a', 'b')}</xsd:schema>`;
  const envelope = (body) => `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${body}</soap:Body></soap:Envelope>`;
  const ANSWER = envelope('<AddResponse xmlns="urn:sums"><result>42</result></AddResponse>');
  const FAULT = envelope('<soap:Fault><faultcode>soap:Client</faultcode><faultstring>Too large</faultstring><detail><limit>100</limit></detail></soap:Fault>');
  const answered = (data, status = 200, headers = { 'content-type': 'text/xml' }) => ({ data, status, statusText: '', headers, config: {}, request: {} });

  const sent = [];
  const client = (soap, options = {}, post = () => answered(ANSWER)) => {
    const request = async (asked) => {
      sent.push({ url: asked.url, method: asked.method, headers: { ...asked.headers } });
      if (asked.url.endsWith('.xsd')) return answered(XSD);
      return asked.method === 'GET' ? answered(WSDL) : post(asked);
    };
    return soap.createClientAsync('http://sums.test/service?wsdl', { request, disableCache: true, ...options });
  };
  const add = async (soap, security, options) => {
    const it = await client(soap, options);
    if (security) it.setSecurity(security);
    const [result] = await it.AddAsync({ a: 40, b: 2 });
    return { result, request: it.lastRequest, headers: sent.at(-1).headers };
  };
  const failed = async (work) => {
    try {
      return { answered: await work() };
    } catch (error) {
      return { message: error.message, status: error.response?.status, root: error.root };
    }
  };

  return {
    'a WSDL with an included schema': async (soap) => (await client(soap)).describe(),
    'a call': (soap) => add(soap),
    'a call with SOAP 1.2 headers': async (soap) => {
      const it = await client(soap, { forceSoap12Headers: true });
      it.addSoapHeader({ Token: { value: 'a & b' } }, 'Token', 'tns', 'urn:sums');
      it.addHttpHeader('X-Trace', '1');
      const answer = await it.AddAsync({ a: 1, b: 2, $attributes: { kind: 'x' } });
      return [answer[0], answer[1], answer[3], sent.at(-1).headers];
    },
    'a fault': async (soap) => failed(async () => (await client(soap, {}, () => answered(FAULT, 500))).AddAsync({ a: 1, b: 2 })),
    'an answer that is no envelope': async (soap) => failed(async () => (await client(soap, {}, () => answered('<html>', 502))).AddAsync({ a: 1, b: 2 })),
    'a WSDL that is no XML': (soap) => failed(() => client(soap, { request: async () => answered('{"a": 1}') })),
    'a callback': (soap) => new Promise((resolve, reject) => {
      client(soap).then((it) => it.Add({ a: 1, b: 2 }, (error, result, raw) => (error ? reject(error) : resolve([result, raw]))), reject);
    }),
    'basic and bearer authentication': async (soap) => [await add(soap, new soap.BasicAuthSecurity('user', 'päss')), await add(soap, new soap.BearerSecurity('token'))],
    'a user name token with its password': (soap) => add(soap, new soap.WSSecurity('user', 'a<b', { hasTimeStamp: false, hasTokenCreated: false, actor: 'me', mustUnderstand: true })),
    'a user name token with a digest': async (soap) => {
      const { request } = await add(soap, new soap.WSSecurity('user', 'secret', { passwordType: 'PasswordDigest', hasNonce: true }));
      const [, nonce] = /<wsse:Nonce[^>]*>([^<]+)</.exec(request), [, created] = /<wsse:Username>.*<wsu:Created>([^<]+)</.exec(request);
      const [, digest] = /<wsse:Password[^>]*>([^<]+)</.exec(request);
      return [digest === soap.passwordDigest(nonce, created, 'secret'), soap.passwordDigest('bm9uY2U=', '2020-01-01T00:00:00Z', 'secret'), request.replace(/>[^<]*(Z|=)<|Timestamp-\w+/g, '')];
    },
    'an answer with an attachment': async (soap) => {
      const type = 'multipart/related; type="application/xop+xml"; boundary="frontier"';
      const body = `--frontier\r\nContent-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n${ANSWER}\r\n--frontier\r\nContent-Type: text/plain\r\nContent-ID: <file>\r\n\r\nhello\r\n--frontier--\r\n`;
      const it = await client(soap, { parseReponseAttachments: true }, () => answered(Buffer.from(body), 200, { 'content-type': type }));
      const [result] = await it.AddAsync({ a: 1, b: 2 });
      return [result, it.lastResponseAttachments.parts.map(({ headers, body: bytes }) => [headers, bytes.toString()])];
    },
    'a compressed request': async (soap) => {
      let data;
      const it = await client(soap, {}, (asked) => {
        data = asked.data;
        return answered(ANSWER);
      });
      await it.AddAsync({ a: 1, b: 2 }, { forceGzip: true });
      // The tenth byte names the system.
      return [Buffer.isBuffer(data), data.subarray(10).toString('hex')];
    },
    'a server without network': async (soap) => {
      const service = { Sums: { Port: { Add: ({ a, b }) => ({ result: Number(a) + Number(b) }) } } };
      const server = await soap.createServerless({ path: '/service', services: service, xml: WSDL.replace('<xsd:include schemaLocation="types.xsd"/>', element('Add', 'a', 'b')) });
      return Object.keys(server).sort();
    },
  };
})
