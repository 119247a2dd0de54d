package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.regex.Pattern;

/** A web service of the old kind: adds two numbers, and refuses negative ones with a fault. */
final class SoapService {
    private static final Pattern NUMBER = Pattern.compile("<(?:\\w+:)?[ab]>(-?\\d+)</");
    private static final String WSDL = """
            <definitions name="Sums" targetNamespace="urn:sums" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:sums"
                xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema">
              <types>
                <x:schema targetNamespace="urn:sums" elementFormDefault="qualified">
                  <x:element name="Add"><x:complexType><x:sequence>
                    <x:element name="a" type="x:int"/><x:element name="b" type="x:int"/>
                  </x:sequence></x:complexType></x:element>
                  <x:element name="AddResponse"><x:complexType><x:sequence>
                    <x:element name="sum" type="x:int"/>
                  </x:sequence></x:complexType></x:element>
                </x:schema>
              </types>
              <message name="AddIn"><part name="parameters" element="t:Add"/></message>
              <message name="AddOut"><part name="parameters" element="t:AddResponse"/></message>
              <portType name="SumsPort">
                <operation name="Add"><input message="t:AddIn"/><output message="t:AddOut"/></operation>
              </portType>
              <binding name="SumsBinding" type="t:SumsPort">
                <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
                <operation name="Add">
                  <soap:operation soapAction="urn:sums#Add"/>
                  <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
                </operation>
              </binding>
              <service name="Sums">
                <port name="SumsPort" binding="t:SumsBinding"><soap:address location="LOCATION"/></port>
              </service>
            </definitions>
            """;
    private static final String ENVELOPE =
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>%s</s:Body></s:Envelope>";

    private SoapService() {}

    static void describe(String location, ServerResponse res) {
        xml(res, WSDL.replace("LOCATION", location));
    }

    static void answer(ServerRequest req, ServerResponse res) {
        var numbers = NUMBER.matcher(req.content().as(String.class))
                .results()
                .mapToInt(match -> Integer.parseInt(match.group(1)))
                .toArray();
        if (numbers.length != 2 || numbers[0] < 0 || numbers[1] < 0) {
            xml(
                    res.status(500),
                    ENVELOPE.formatted(
                            "<s:Fault><faultcode>s:Client</faultcode><faultstring>No negative numbers</faultstring></s:Fault>"));
            return;
        }
        var told = "<AddResponse xmlns=\"urn:sums\"><sum>%d</sum></AddResponse>".formatted(numbers[0] + numbers[1]);
        xml(res, ENVELOPE.formatted(told));
    }

    private static void xml(ServerResponse res, String text) {
        res.header(HeaderNames.CONTENT_TYPE, "text/xml; charset=utf-8").send(text.getBytes(UTF_8));
    }
}
