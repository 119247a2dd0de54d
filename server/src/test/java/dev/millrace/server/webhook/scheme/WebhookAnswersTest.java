package dev.millrace.server.webhook.scheme;

import static dev.millrace.server.webhook.scheme.Sent.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Challenges, special responses, and webhooks that name no connection. */
class WebhookAnswersTest {
    private static Reading.Response answered(Sent call) {
        return ((Reading.Answered) call.read()).response();
    }

    private static Reading.Accepted accepted(Sent call) {
        return (Reading.Accepted) call.read();
    }

    private static Sent zoom(String body) {
        return Sent.to("zoom", body)
                .secret()
                .header("x-zm-request-timestamp", SECONDS)
                .signed("x-zm-signature", text -> "v0=" + Sent.hex("v0:" + SECONDS + ":" + text));
    }

    @Test
    void zoom_validates_the_url() {
        var call =
                zoom("{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"qgg8vlvZRS6UYooatFL8Aw\"}}");

        assertThat(answered(call)).isEqualTo(new Reading.Response(200, "application/json", """
                {"encryptedToken":"%s","plainToken":"qgg8vlvZRS6UYooatFL8Aw"}""".formatted(
                        Sent.hex("qgg8vlvZRS6UYooatFL8Aw"))));
        assertThat(call.forged().outcome()).isEqualTo("401 webhook_invalid_signature");
    }

    @Test
    void slack_verifies_the_url_and_submits_views() {
        var challenge = Sent.to("slack", "{\"type\":\"url_verification\",\"challenge\":\"3eZb\"}");
        var view = Sent.to(
                        "slack",
                        "payload=%7B%22type%22%3A%22view_submission%22%2C%22team%22%3A%7B%22id%22%3A%22T1%22%7D%7D")
                .header("content-type", "application/x-www-form-urlencoded");

        assertThat(answered(challenge)).isEqualTo(new Reading.Response(200, "text/plain", "3eZb"));
        assertThat(challenge.secret().outcome()).isEqualTo("401 webhook_missing_signature");
        assertThat(accepted(view).response()).isEqualTo(new Reading.Response(200, "", ""));
        var event = accepted(view).events().getFirst();
        assertThat(event.type()).contains("view_submission");
        assertThat(event.match()).isEqualTo(new Match.Config("team.id", "T1"));
        assertThat(event.body().path("teamId").asString("")).isEqualTo("T1");
        assertThat(accepted(view).forwarded().has("teamId")).isFalse();
    }

    @Test
    void asana_gets_its_secret_back() {
        var call = Sent.to("asana", "").header("x-hook-secret", "s3cr3t").query("nangoConnectionId", "c1");

        assertThat(answered(call)).isEqualTo(new Reading.Response(200, "", "", Map.of("x-hook-secret", "s3cr3t")));
    }

    @Test
    void microsoft_validates_the_url() {
        for (var provider : new String[] {"microsoft", "outlook"}) {
            var call = Sent.to(provider, "").query("validationToken", "opaque: +token");

            assertThat(answered(call)).isEqualTo(new Reading.Response(200, "text/plain", "opaque: +token"));
        }
    }

    @Test
    void outlook_hands_on_genuine_notifications_without_their_secret() {
        var body = "{\"value\":[{\"clientState\":\"" + Sent.SECRET
                + "\",\"subscriptionId\":\"1\"},{\"clientState\":\"x\"}]}";

        assertThat(accepted(Sent.to("outlook", body).secret()).forwarded())
                .hasToString("{\"value\":[{\"subscriptionId\":\"1\"}]}");
        assertThat(accepted(Sent.to("microsoft", body).secret()).forwarded().path("value"))
                .hasSize(1);
        assertThat(Sent.to("outlook", body).outcome()).isEqualTo("400 webhook_invalid_secret");
        assertThat(accepted(Sent.to("microsoft", body)).forwarded().path("value"))
                .hasSize(2);
    }

    @Test
    void notion_sends_its_token_without_a_signature() {
        var call = Sent.to("notion", "{\"verification_token\":\"t\",\"type\":\"page.created\",\"workspace_id\":\"w\"}")
                .secret();

        assertThat(accepted(call).events().getFirst().match()).isEqualTo(Matches.NONE);
        assertThat(accepted(call).events().getFirst().type()).isEmpty();
        assertThat(accepted(call).forwarded().path("verification_token").asString(""))
                .isEqualTo("t");
    }

    @Test
    void a_webhook_must_name_its_connection_where_the_provider_needs_it() {
        assertThat(Sent.to("cal-com", "{}").outcome()).isEqualTo("400 webhook_missing_connection_id");
        assertThat(Sent.to("pagerduty", "{}").outcome()).isEqualTo("400 webhook_missing_connection_id");
        assertThat(Sent.to("shopify", "{}").outcome()).isEqualTo("400 webhook_missing_shop_domain");
        assertThat(accepted(Sent.to("unauthenticated", "{}"))
                        .events()
                        .getFirst()
                        .match())
                .isEqualTo(Matches.NONE);
        assertThat(accepted(Sent.to("xero", "{\"events\":[]}").secret().signed("x-xero-signature", Sent::base64))
                        .events())
                .isEmpty();
    }

    @Test
    void an_unknown_connection_of_pagerduty_is_not_forwarded() {
        var call = Sent.to("pagerduty", "{}").header("x-nango-connection-id", "c");

        assertThat(accepted(call).unmatched()).contains(new Reading.Response(204, "", ""));
        assertThat(accepted(Sent.to("unauthenticated", "{}")).unmatched()).isEmpty();
    }

    @Test
    void a_required_secret_must_be_configured() {
        assertThat(Sent.to("linear", "{}").header("linear-signature", "x").outcome())
                .isEqualTo("400 webhook_invalid_secret");
        assertThat(Sent.to("calendly", "{}").outcome()).isEqualTo("accepted");
    }

    @Test
    void any_integration_of_a_provider_without_signatures_can_use_a_header() {
        var call = Sent.to("salesforce", "{}").key("webhookSecretHeader", "X-Millrace-Secret");

        assertThat(call.outcome()).isEqualTo("400 webhook_invalid_secret");
        assertThat(call.secret().outcome()).isEqualTo("401 webhook_missing_token");
        assertThat(call.secret().header("x-millrace-secret", "no").outcome())
                .isEqualTo("401 webhook_invalid_signature");
        assertThat(call.secret().header("x-millrace-secret", Sent.SECRET).outcome())
                .isEqualTo("accepted");
    }

    @Test
    void the_newer_signature_of_hubspot_is_accepted_too() {
        var body = "[]";
        var millis = String.valueOf(Sent.NOW.toEpochMilli());
        var call = Sent.to("hubspot", body)
                .clientSecret()
                .header("x-hubspot-request-timestamp", millis)
                .header(
                        "x-hubspot-signature-v3",
                        Sent.base64("POSThttps://millrace.example/webhook/e/i" + body + millis));

        assertThat(call.outcome()).isEqualTo("accepted");
        assertThat(call.forged().outcome()).isEqualTo("401 webhook_invalid_signature");
        assertThat(call.at(Sent.NOW.plusSeconds(301)).outcome()).isEqualTo("401 webhook_invalid_signature");
    }

    @Test
    void a_github_app_has_a_key_of_its_own_and_completes_installations() {
        var body = "{\"action\":\"created\",\"requester\":{\"login\":\"ada\"},\"installation\":{\"id\":7}}";
        var key = Sent.sha256("12" + "PEM" + "https://github.com/apps/x");
        var call = Sent.to("github-app-oauth", body)
                .key("app_id", "12")
                .key("private_key", "PEM")
                .key("app_link", "https://github.com/apps/x")
                .signed("x-hub-signature-256", text -> "sha256=" + Sent.hex("HmacSHA256", key, text));

        assertThat(accepted(call).installation())
                .contains(new Reading.Installation(
                        Map.of("app_id", "12", "pending", "true", "handle", "ada"),
                        Map.of("installation_id", "7"),
                        Optional.empty()));
        assertThat(call.forged().outcome()).isEqualTo("401 webhook_invalid_signature");
    }

    @Test
    void bodies_are_read_by_their_type() {
        var form = Sent.to("unauthenticated", "type=x&connectionId=c1&tag=a&tag=b%26")
                .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");

        assertThat(accepted(form).forwarded())
                .hasToString("{\"type\":\"x\",\"connectionId\":\"c1\",\"tag\":[\"a\",\"b&\"]}");
        assertThat(accepted(form).events().getFirst().match()).isEqualTo(new Match.ConnectionId("c1"));
        assertThat(accepted(Sent.to("unauthenticated", "<a/>").header("content-type", "text/xml"))
                        .forwarded())
                .hasToString("\"<a/>\"");
        assertThat(accepted(Sent.to("unauthenticated", "")).forwarded().isMissingNode())
                .isTrue();
        assertThat(accepted(Sent.to("unauthenticated", "[1]")).forwarded()).hasToString("[1]");
        assertThat(Sent.to("unauthenticated", "{").outcome()).isEqualTo("400 webhook_invalid_body");
    }
}
