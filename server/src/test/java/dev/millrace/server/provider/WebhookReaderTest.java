package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a {@code webhook} block, and how to correct it. */
class WebhookReaderTest {
    private static List<String> faults(String yaml) {
        var faults = new ArrayList<String>();
        WebhookReader.read(Yaml.MAPPER.readTree(yaml), faults);
        return faults;
    }

    @Test
    void a_block_without_faults() {
        assertThat(faults("""
                signature:
                    from: header.x-signature
                    prefix: v1=
                    separator: ','
                    signed: ${timestamp}.${body}
                    timestamp: { prefix: t=, tolerance: 60 }
                events: body.events
                type: ${event.object}.${event.action}
                id: [header.x-id, event.id]
                connections: [{ find: connection_config.team.id, by: event.team, transform: host_label, pattern: '(.+)' }]
                challenges: [{ when: { value: body.challenge }, body: { echo: '${body.challenge}' }, before_signature: true }]
                """)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            connections: all, signatur: {}                                           | webhook.signatur: is unknown; did you mean 'signature'?
            connections: all, colour: red                                            | webhook.colour: is unknown; known here are payload
            type: x                                                                  | webhook.connections: must be 'all' or a list of rules
            connections: all, type: bodytype                                         | webhook.type: 'bodytype' is not a value of a webhook; values begin with body
            connections: all, type: secret                                           | webhook.type: 'secret' is not a value of a webhook
            connections: all, signature: {}                                          | webhook.signature.from: must say where the signature is
            connections: all, signature: {from: header.x, kind: hmca}                | webhook.signature.kind: 'hmca' is none of [hmac, hash
            connections: all, signature: {from: header.x, algorithm: md5}            | webhook.signature.algorithm: 'md5' is none of [sha1, sha256, sha512]
            connections: all, signature: {from: header.x, signed: x}                 | webhook.signature.signed: must contain ${body}, or anybody could change the body
            connections: all, signature: {from: header.x, kind: hash, signed: '${body}'} | webhook.signature.signed: must contain ${secret}
            connections: all, signature: {from: header.x, signed: '${timestamp}${body}'} | webhook.signature.timestamp: must say where the timestamp is
            connections: all, signature: {from: header.x, timestamp: {from: header.t}} | webhook.signature.signed: must contain ${timestamp}
            connections: all, signature: {from: header.x, signed: '${timestamp}${body}', timestamp: {}} | webhook.signature.timestamp: must have either from, or prefix
            connections: all, signature: {from: header.x, secret: 'a b'}             | webhook.signature.secret: 'a b' must be webhook_secret
            connections: [{find: connection, by: body.x}]                            | webhook.connections.0.find: 'connection' must be connection_id, metadata.KEY
            connections: [{find: connection_id}]                                     | webhook.connections.0.by: must name the value
            connections: [{find: connection_id, by: body.x, pattern: '['}]           | webhook.connections.0.pattern: '[' is not a valid regular expression
            connections: [{find: connection_id, by: body.x, pattern: 'x'}]           | webhook.connections.0.pattern: 'x' must have a group
            connections: all, connection_missing: oops                               | webhook.connection_missing: 'oops' is none of
            connections: all, challenges: [{body: x}]                                | webhook.challenges.0.when: must say which calls are challenges
            connections: all, challenges: [{when: {value: body.x}, before_signature: true, body: '${hmac.body.x}'}] | webhook.challenges.0.body: '${hmac.body.x}' is not a value
            connections: all, responses: [{status: 99}]                              | webhook.responses.0.status: must be a whole number from 200 to 599
            """)
    void a_fault_names_its_place_and_the_remedy(String block, String fault) {
        assertThat(faults("{" + block + "}"))
                .anySatisfy(said -> assertThat(said).startsWith(fault.strip()));
    }

    @Test
    void other_forms_are_faults_and_not_failures() {
        for (var yaml : List.of(
                "[]",
                "x",
                "1",
                "{signature: x}",
                "{signature: [1]}",
                "{connections: {find: 1, by: {}}}",
                "{add: x, connections: all, challenges: x}",
                "{events: {a: b}, connections: all, type: {}}")) {
            assertThat(faults(yaml)).as(yaml).isNotEmpty();
        }
    }
}
