package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.WebhookReader;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The examples from the documentation of providers. */
class PublishedVectorsTest {
    private static final String SLACK_COMMAND =
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
                    + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
                    + "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J"
                    + "%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
                    + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    @Test
    void github() {
        var call = Sent.to("github", "Hello, World!")
                .header("content-type", "text/plain")
                .header("x-github-event", "ping")
                .key("webhook_secret", "It's a Secret to Everybody");
        var signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

        assertThat(call.header("x-hub-signature-256", signature).outcome()).isEqualTo("accepted");
        assertThat(call.header("x-hub-signature-256", signature.replace("757", "758"))
                        .outcome())
                .isEqualTo("401 webhook_invalid_signature");
    }

    @Test
    void slack() {
        var call = Sent.to("slack", SLACK_COMMAND)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("x-slack-request-timestamp", "1531420618")
                .header("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")
                .key("webhook_secret", "8f742231b10e8888abcd99yyyzzz85a5")
                .at(Instant.ofEpochSecond(1531420618));

        assertThat(call.outcome()).isEqualTo("accepted");
        assertThat(((Reading.Accepted) call.read()).events().getFirst().match())
                .isEqualTo(new Match.Config("team.id", "T1DC2JH3J"));
        assertThat(call.at(Instant.ofEpochSecond(1531420618 + 301)).outcome())
                .isEqualTo("401 webhook_invalid_signature");
    }

    @Test
    void hubspot() {
        var call = Sent.to("hubspot", """
                        [{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,\
                        "subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",\
                        "changeFlag":"NEW","appId":54321}]""")
                .header("x-hubspot-signature", "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de")
                .key("client_secret", "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy");

        assertThat(call.outcome()).isEqualTo("accepted");
    }

    @Test
    void standard_webhooks() throws InterruptedException {
        var rules = WebhookReader.read(Json.parse("{\"signature\":{\"kind\":\"standard\"},\"connections\":\"all\"}"));
        var body = "{\"test\": 2432232314}".getBytes(UTF_8);
        var at = Instant.ofEpochSecond(1614265330);
        for (var family : new String[] {"webhook", "svix"}) {
            var headers = Map.of(
                    family + "-id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                    family + "-timestamp", "1614265330",
                    family + "-signature",
                            "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v2,AAAA"
                                    + " v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
            var clock = Clock.fixed(at, ZoneOffset.UTC);
            var scheme = new DeclaredScheme(rules, clock, new GoogleTokens(Optional::empty, clock));
            var call = new ProviderCall(headers, Map.of(), body);

            assertThat(Sent.outcome(scheme.read(call, _ -> Optional.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))))
                    .isEqualTo("accepted");
            assertThat(Sent.outcome(scheme.read(call, _ -> Optional.of("whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))))
                    .isEqualTo("401 webhook_invalid_signature");
        }
    }
}
