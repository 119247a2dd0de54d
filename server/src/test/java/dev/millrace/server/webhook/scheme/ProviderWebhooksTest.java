package dev.millrace.server.webhook.scheme;

import static dev.millrace.server.webhook.scheme.Sent.NOW;
import static dev.millrace.server.webhook.scheme.Sent.SECONDS;
import static dev.millrace.server.webhook.scheme.Sent.SECRET;
import static dev.millrace.server.webhook.scheme.Sent.base64;
import static dev.millrace.server.webhook.scheme.Sent.hex;
import static dev.millrace.server.webhook.scheme.Sent.sha256;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One webhook for each built-in provider: its verification, its type and its matched connections. */
class ProviderWebhooksTest {
    private static final String INVALID = "401 webhook_invalid_signature";
    /** The outcome for providers that do not sign. */
    private static final String ANYBODY = "accepted";

    /**
     * @param genuine a webhook with a valid signature
     * @param events the expected events, in the format of {@link #shown}
     * @param forged the expected outcome if the secrets differ
     */
    record Case(Sent genuine, String events, String forged) {
        @Override
        public String toString() {
            return genuine.provider();
        }
    }

    static List<Case> cases() {
        return java.util.stream.Stream.of(first(), second(), third())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Case> first() {
        return List.of(
                unsigned("affinity", "{\"type\":\"list.created\"}", "list.created all"),
                unsigned("airtable", "{\"webhook\":{\"id\":\"ach1\"}}", "- metadata webhooks=ach1"),
                new Case(
                        Sent.to(
                                        "asana",
                                        "{\"events\":[{\"action\":\"added\",\"resource\":{\"resource_type\":\"task\"}}]}")
                                .query("nangoConnectionId", "c1")
                                .metadata("{\"webhookSecret\":[\"other\",\"" + SECRET + "\"]}")
                                .signed("x-hook-signature", Sent::hex),
                        "task.added id c1",
                        INVALID),
                new Case(
                        Sent.to("attio", """
                                        {"events":[
                                        {"event_type":"record.updated","id":{"workspace_id":"w","object_id":"o","record_id":"r","attribute_id":"1"}},
                                        {"event_type":"record.updated","id":{"workspace_id":"w","object_id":"o","record_id":"r","attribute_id":"2"}},
                                        {"event_type":"note.created","id":{"workspace_id":"w","note_id":"n"}}]}""").secret().signed("x-attio-signature", Sent::hex),
                        "record.updated config workspace_id=w; note.created config workspace_id=w",
                        INVALID),
                new Case(
                        Sent.to("cal-com", "{\"triggerEvent\":\"BOOKING_CREATED\"}")
                                .query("nangoConnectionId", "c1")
                                .secret()
                                .signed("x-cal-signature-256", Sent::hex),
                        "BOOKING_CREATED id c1",
                        INVALID),
                new Case(
                        Sent.to(
                                        "calendly",
                                        "{\"event\":\"invitee.created\",\"created_by\":\"https://api.calendly.com/users/A\"}")
                                .secret()
                                .signed("calendly-webhook-signature", body -> stamped(body)),
                        "invitee.created config owner=https://api.calendly.com/users/A",
                        INVALID),
                new Case(
                        Sent.to("connectwise-psa", """
                                        {"Type":"ticket","ProductInstanceId":"acme",
                                        "Metadata":{"key_url":"https://api-na.myconnectwise.net/v4_6_release/apis/3.0/keys/7"}}""")
                                .key("fetched", SECRET)
                                .signed(
                                        "x-content-signature",
                                        body -> Base64.getEncoder()
                                                .encodeToString(Sent.mac(
                                                        "HmacSHA256",
                                                        HexFormat.of().parseHex(sha256(SECRET)),
                                                        body))),
                        "ticket metadata productInstanceId=acme",
                        INVALID),
                github("github", "{\"repository\":{\"full_name\":\"a/b\"},\"organization\":{\"login\":\"a\"}}")
                        .expect("push| metadata repositories=a/b, metadata organizations=a #d1"),
                github("github-pat", "{\"repository\":{\"full_name\":\"a/b\"}}")
                        .expect("push| metadata repositories=a/b #d1"),
                github("github-app", "{\"installation\":{\"id\":7}}").expect("push| config installation_id=7 #d1"),
                github("github-app-oauth", "{\"installation\":{\"id\":7}}")
                        .expect("push| config installation_id=7 #d1"),
                gitlab("gitlab"),
                gitlab("gitlab-pat"),
                channel(
                        "google",
                        "https://x/feed",
                        "exists| metadata googleCalendarWatchResourceUris=https://x/feed #ch:2"),
                channel(
                        "google-calendar",
                        "https://www.googleapis.com/calendar/v3/calendars/Ada%40x.org/events?alt=json",
                        "exists| metadata googleCalendarWatchResourceUris="
                                + "https://www.googleapis.com/calendar/v3/calendars/Ada%40x.org/events?alt=json,"
                                + " config emailAddressHash=" + sha256("nango.emailAddressHash.v1:ada@x.org")
                                + ", metadata emailAddress=ada@x.org, metadata email=ada@x.org #ch:2"),
                channel(
                        "google-drive",
                        "https://x/feed",
                        "exists| metadata googleDriveWatchResourceIds=res, metadata"
                                + " googleCalendarWatchResourceUris=https://x/feed #ch:2"));
    }

    private static List<Case> second() {
        return List.of(
                unsigned(
                        "google-mail",
                        // {"emailAddress":"ada@x.org","historyId":9}
                        "{\"message\":{\"messageId\":\"m1\",\"data\":\"eyJlbWFpbEFkZHJlc3MiOiJhZGFAeC5vcmciLCJoaXN0b3J5SWQiOjl9\"}}",
                        "- config emailAddressHash=" + sha256("nango.emailAddressHash.v1:ada@x.org")
                                + ", metadata emailAddress=ada@x.org, metadata email=ada@x.org #m1"),
                new Case(
                        Sent.to("hubspot", """
                                        [{"subscriptionType":"contact.propertyChange","portalId":62515,"objectId":1,"occurredAt":1,"eventId":1,"subscriptionId":5},
                                        {"subscriptionType":"contact.creation","portalId":62515,"objectId":1,"occurredAt":2,"eventId":2,"subscriptionId":5},
                                        {"subscriptionType":"contact.creation","portalId":62515,"objectId":3,"occurredAt":2,"changeSource":"IMPORT"}]""")
                                .clientSecret()
                                .signed("x-hubspot-signature", body -> sha256(SECRET + body)),
                        "contact.creation config portalId=62515 #5:2:1:2; contact.propertyChange config portalId=62515 #5:1:1:1",
                        INVALID),
                new Case(
                        Sent.to(
                                        "intercom",
                                        "{\"topic\":\"conversation.user.created\",\"app_id\":\"ws\",\"id\":\"notif_1\"}")
                                .clientSecret()
                                .signed("x-hub-signature", body -> "sha1=" + hex("HmacSHA1", SECRET, body)),
                        "conversation.user.created config app_id=ws #notif_1",
                        INVALID),
                new Case(
                        Sent.to(
                                        "jira",
                                        "{\"webhookEvent\":\"jira:issue_updated\",\"issue\":{\"self\":\"https://a.atlassian.net/rest/api/2/issue/1\"}}")
                                .secret()
                                .header("x-atlassian-webhook-identifier", "w1")
                                .signed("x-hub-signature", body -> "sha256=" + hex(body)),
                        "jira:issue_updated config baseUrl=https://a.atlassian.net #w1",
                        INVALID),
                new Case(
                        Sent.to(
                                        "jira-basic",
                                        "{\"webhookEvent\":\"comment_created\",\"comment\":{\"self\":\"https://a.atlassian.net/rest/c/1\"}}")
                                .secret()
                                .signed("x-hub-signature", body -> "sha256=" + hex(body)),
                        "comment_created config subdomain=a",
                        INVALID),
                new Case(
                        Sent.to("linear", "{\"type\":\"Issue\",\"organizationId\":\"org\"}")
                                .secret()
                                .header("linear-delivery", "d1")
                                .signed("linear-signature", Sent::hex),
                        "Issue config organizationId=org #d1",
                        INVALID),
                graph("microsoft", "updated metadata subscriptionIds=s1, config tenantId=t1"),
                graph("one-drive", "updated metadata subscriptionIds=s1, config tenantId=t1"),
                graph("outlook", "updated metadata subscriptionIds=s1"),
                unsigned(
                        "microsoft-teams",
                        "{\"type\":\"message\",\"channelData\":{\"tenant\":{\"id\":\"t1\"}}}",
                        "message config tenantId=t1"),
                new Case(
                        Sent.to("notion", "{\"type\":\"page.created\",\"workspace_id\":\"w\",\"id\":\"e1\"}")
                                .secret()
                                .signed("x-notion-signature", body -> "sha256=" + hex(body)),
                        "page.created config workspace_id=w #e1",
                        INVALID),
                pagerduty("pagerduty"),
                pagerduty("pagerduty-api-key"),
                new Case(
                        Sent.to("quickbooks", "{\"eventNotifications\":[{\"realmId\":\"1\"},{\"realmId\":\"2\"}]}")
                                .secret()
                                .signed("intuit-signature", Sent::base64),
                        "- config realmId=1; - config realmId=2",
                        INVALID),
                new Case(
                        Sent.to(
                                        "quickbooks-sandbox",
                                        "[{\"id\":\"e1\",\"type\":\"qbo.customer.created.v1\",\"intuitaccountid\":\"1\"}]")
                                .secret()
                                .signed("intuit-signature", Sent::base64),
                        "qbo.customer.created.v1 config realmId=1 #e1",
                        INVALID));
    }

    private static List<Case> third() {
        return List.of(
                unsigned("salesforce", "{\"nango\":{\"eventType\":\"e\",\"connectionId\":\"c1\"}}", "e id c1"),
                new Case(
                        Sent.to("sentry", "{ \"action\": \"created\", \"installation\": {\"uuid\":\"i1\"} }")
                                .clientSecret()
                                // The signature covers the compact JSON, not the body as sent.
                                .header(
                                        "sentry-hook-signature",
                                        hex("{\"action\":\"created\",\"installation\":{\"uuid\":\"i1\"}}")),
                        "created config installation_id=i1",
                        INVALID),
                new Case(
                        Sent.to("sentry-oauth", "{\"action\":\"triggered\",\"installation\":{\"uuid\":\"i1\"}}")
                                .clientSecret()
                                .signed("sentry-hook-signature", body -> hex(body)),
                        "triggered config installation_id=i1",
                        INVALID),
                shopify("shopify", "client_secret"),
                shopify("shopify-api-key", "webhook_secret"),
                new Case(
                        Sent.to("slack", "{\"type\":\"event_callback\",\"team_id\":\"T1\",\"event_id\":\"Ev1\"}")
                                .secret()
                                .header("x-slack-request-timestamp", SECONDS)
                                .signed("x-slack-signature", body -> "v0=" + hex("v0:" + SECONDS + ":" + body)),
                        "event_callback config team.id=T1 #Ev1",
                        INVALID),
                new Case(
                        Sent.to(
                                        "stripe-api-key",
                                        "{\"id\":\"evt_1\",\"type\":\"charge.failed\",\"account\":\"acct_1\"}")
                                .secret()
                                .query("nangoConnectionId", "c1")
                                .signed("stripe-signature", body -> stamped(body) + ",v0=old"),
                        "charge.failed id c1, metadata accountId=acct_1 #evt_1",
                        INVALID),
                new Case(
                        Sent.to(
                                        "typeform",
                                        "{\"event_id\":\"e1\",\"event_type\":\"form_response\",\"form_response\":{\"form_id\":\"f1\"}}")
                                .secret()
                                .signed("typeform-signature", body -> "sha256=" + base64(body)),
                        "form_response metadata forms=f1 #e1",
                        INVALID),
                unsigned("unauthenticated", "{\"type\":\"x\",\"connectionId\":\"c1\"}", "x id c1"),
                new Case(
                        Sent.to("xero", "{\"events\":[{\"eventType\":\"CREATE\",\"tenantId\":\"t1\"}]}")
                                .secret()
                                .signed("x-xero-signature", Sent::base64),
                        "CREATE config tenant_id=t1",
                        INVALID),
                new Case(
                        Sent.to("zendesk", "{\"type\":\"zen:event-type:user.created\",\"account_id\":17}")
                                .secret()
                                .header("x-zendesk-webhook-invocation-id", "i1")
                                .header("x-zendesk-webhook-signature-timestamp", NOW.toString())
                                .signed("x-zendesk-webhook-signature", body -> base64(NOW + body)),
                        "zen:event-type:user.created metadata accountId=17 #i1",
                        INVALID),
                new Case(
                        Sent.to("zoom", "{\"event\":\"meeting.started\",\"payload\":{\"account_id\":\"a1\"}}")
                                .secret()
                                .header("x-zm-request-timestamp", SECONDS)
                                .signed("x-zm-signature", body -> "v0=" + hex("v0:" + SECONDS + ":" + body)),
                        "meeting.started metadata accountId=a1",
                        INVALID),
                new Case(
                        Sent.to("webhook-hmac", "{\"type\":\"paid\",\"data\":[{\"account\":5},{\"account\":6}]}")
                                .secret()
                                .key("signatureHeader", "x-acme-signature")
                                .key("prefix", "sha512=")
                                .key("algorithm", "sha512")
                                .key("timestampHeader", "x-acme-time")
                                .key("events", "body.data")
                                .key("connectionFrom", "event.account")
                                .key("connectionFind", "metadata.accounts")
                                .header("x-acme-time", SECONDS)
                                .signed(
                                        "x-acme-signature",
                                        body -> "sha512=" + hex("HmacSHA512", SECRET, SECONDS + "." + body)),
                        "paid metadata accounts=5; paid metadata accounts=6",
                        "400 webhook_invalid_settings"),
                new Case(
                        Sent.to("webhook-token", "{\"type\":\"paid\",\"connectionId\":\"c1\"}")
                                .secret()
                                .header("x-signature", SECRET),
                        "paid id c1",
                        INVALID));
    }

    private static String stamped(String body) {
        return "t=" + SECONDS + ",v1=" + hex(SECONDS + "." + body);
    }

    private static Case unsigned(String provider, String body, String events) {
        return new Case(Sent.to(provider, body), events, ANYBODY);
    }

    record Half(Sent call) {
        private Case expect(String events) {
            return new Case(call, events, INVALID);
        }
    }

    private static Half github(String provider, String body) {
        return new Half(Sent.to(provider, body)
                .secret()
                .header("x-github-event", "push")
                .header("x-github-delivery", "d1")
                .signed("x-hub-signature-256", text -> "sha256=" + hex(text)));
    }

    private static Case gitlab(String provider) {
        return new Case(
                Sent.to(provider, "{\"object_kind\":\"push\"}")
                        .query("nangoConnectionId", "c1")
                        .header("x-gitlab-event", "Push Hook")
                        .header("idempotency-key", "k1")
                        .header("x-gitlab-token", SECRET)
                        .metadata("{\"webhookSecret\":\"" + SECRET + "\"}"),
                "Push Hook| id c1 #k1",
                INVALID);
    }

    private static Case channel(String provider, String uri, String events) {
        return new Case(
                Sent.to(provider, "")
                        .secret()
                        .header("x-goog-channel-token", SECRET)
                        .header("x-goog-channel-id", "ch")
                        .header("x-goog-message-number", "2")
                        .header("x-goog-resource-state", "exists")
                        .header("x-goog-resource-id", "res")
                        .header("x-goog-resource-uri", uri),
                events,
                INVALID);
    }

    private static Case graph(String provider, String events) {
        return new Case(Sent.to(provider, """
                                {"value":[{"changeType":"updated","subscriptionId":"s1","tenantId":"t1","clientState":"%s"},
                                {"changeType":"forged","subscriptionId":"s2","tenantId":"t2","clientState":"guessed"}]}""".formatted(SECRET)).secret(), events, INVALID);
    }

    private static Case pagerduty(String provider) {
        return new Case(
                Sent.to(provider, "{\"event\":{\"id\":\"e1\",\"event_type\":\"incident.triggered\"}}")
                        .header("x-nango-connection-id", "c1")
                        .metadata("{\"webhookSecret\":[\"" + SECRET + "\"]}")
                        .signed("x-pagerduty-signature", body -> "v1=0000,v1=" + hex(body)),
                "incident.triggered id c1 #e1",
                INVALID);
    }

    private static Case shopify(String provider, String secret) {
        return new Case(
                Sent.to(provider, "{\"id\":1}")
                        .key(secret, SECRET)
                        .header("x-shopify-topic", "orders/create")
                        .header("x-shopify-shop-domain", "acme.myshopify.com")
                        .header("x-shopify-webhook-id", "w1")
                        .signed("x-shopify-hmac-sha256", Sent::base64),
                "orders/create| config subdomain=acme #w1",
                INVALID);
    }

    /** The type (followed by a bar if it comes from a header), the connections and the id. */
    private static String shown(Reading reading) {
        return reading instanceof Reading.Accepted accepted
                ? accepted.events().stream()
                        .map(event -> event.headerType()
                                        .map(type -> type + "|")
                                        .or(event::type)
                                        .orElse("-")
                                + " " + shown(event.match())
                                + event.id().map(id -> " #" + id).orElse(""))
                        .collect(Collectors.joining("; "))
                : Sent.outcome(reading);
    }

    private static String shown(Match match) {
        return switch (match) {
            case Match.All _ -> "all";
            case Match.ConnectionId id -> "id " + id.id();
            case Match.Metadata metadata -> "metadata " + metadata.key() + "=" + metadata.value();
            case Match.Config config -> "config " + config.key() + "=" + config.value();
            case Match.First first ->
                first.rules().isEmpty()
                        ? "none"
                        : first.rules().stream()
                                .map(ProviderWebhooksTest::shown)
                                .collect(Collectors.joining(", "));
        };
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_genuine_webhook_is_read(Case expected) {
        assertThat(shown(expected.genuine().read())).isEqualTo(expected.events());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_forged_webhook_is_refused(Case expected) {
        assertThat(expected.genuine().forged().outcome()).isEqualTo(expected.forged());
    }

    /** A webhook without a signature is accepted only if the provider does not sign or its signature is optional. */
    @ParameterizedTest
    @MethodSource("cases")
    void a_provider_that_signs_refuses_a_webhook_without_signature(Case expected) {
        var signed = expected.genuine();
        var bare = Sent.to(signed.provider(), signed.text())
                .metadata(signed.metadata())
                .secret()
                .clientSecret()
                .header("x-shopify-shop-domain", "acme.myshopify.com")
                .header("x-nango-connection-id", "c1")
                .query("nangoConnectionId", "c1");

        if (expected.forged().equals(ANYBODY)) {
            assertThat(bare.outcome()).isEqualTo("accepted");
        } else if (!signed.text().contains("clientState")) {
            assertThat(bare.outcome()).isIn("401 webhook_missing_signature", "401 webhook_missing_token");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://na.myconnectwise.net/key",
                "https://na.myconnectwise.net:8443/key",
                "https://na.myconnectwise.net@evil.example/key",
                "https://evil.example/na.myconnectwise.net",
                "https://api-na.myconnectwise.net.evil.example/key",
                "https://127.0.0.1/key",
                "%"
            })
    void keys_of_other_hosts_than_those_of_the_provider_are_not_fetched(String url) {
        var body = "{\"Metadata\":{\"key_url\":\"" + url + "\"}}";

        var sent = Sent.to("connectwise-psa", body).header("x-content-signature", "c2ln");

        assertThat(sent.key("fetched", SECRET).outcome()).isEqualTo(INVALID);
        assertThat(Sent.to("connectwise-psa", body.replace(url, "https://sandbox-eu.myconnectwise.net/key"))
                        .header("x-content-signature", "c2ln")
                        .outcome())
                .isEqualTo("503 webhook_keys_unavailable");
    }

    @Test
    void every_built_in_provider_with_a_webhook_url_has_a_case() {
        var tested = cases().stream().map(Case::toString).collect(Collectors.toSet());
        tested.add("gong"); // Signed with a token; tested in TokensTest.
        tested.add("gong-basic");
        var inherited = List.of("salesforce-sandbox", "sharepoint-online");

        var receiving = Sent.PROVIDERS.search("").stream()
                .filter(provider -> provider.receivesWebhooks())
                .map(provider -> provider.name())
                .filter(name -> !inherited.contains(name) && !name.startsWith("google-") && !name.equals("youtube"))
                .toList();

        assertThat(tested).containsAll(receiving);
        assertThat(receiving).hasSizeGreaterThan(30);
    }
}
