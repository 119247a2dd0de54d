package dev.millrace.server.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
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

    static Response describe(String location) {
        return xml(200, WSDL.replace("LOCATION", location));
    }

    static Response answer(Request req) {
        var numbers = NUMBER.matcher(new String(req.body(), UTF_8))
                .results()
                .mapToInt(match -> Integer.parseInt(match.group(1)))
                .toArray();
        if (numbers.length != 2 || numbers[0] < 0 || numbers[1] < 0) {
            return xml(
                    500,
                    ENVELOPE.formatted(
                            "<s:Fault><faultcode>s:Client</faultcode><faultstring>No negative numbers</faultstring></s:Fault>"));
        }
        var told = "<AddResponse xmlns=\"urn:sums\"><sum>%d</sum></AddResponse>".formatted(numbers[0] + numbers[1]);
        return xml(200, ENVELOPE.formatted(told));
    }

    private static Response xml(int status, String text) {
        return new Response.Bytes(status, "text/xml; charset=utf-8", text.getBytes(UTF_8));
    }
}
