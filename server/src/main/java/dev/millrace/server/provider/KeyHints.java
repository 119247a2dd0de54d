package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Finds keys that are probably misspelt: unknown keys that differ from a known key by a letter or two. */
final class KeyHints {
    private static final int MOST_EDITS = 2;
    private static final int SHORT = 5;

    private static final Set<String> TOP =
            Set.of(("alias display_name categories auth_mode docs docs_connect setup_guide_url"
                            + " proxy connection_config credentials integration_config assertion_option authorization_url"
                            + " authorization_params authorization_url_skip_encode authorization_url_skip_empty"
                            + " authorization_url_fragment authorization_url_replacements authorization_code_param_in_callback"
                            + " authorization_code_param_in_webhook scope_separator default_scopes disable_pkce token_url"
                            + " token_url_skip_encode token_params token_request_auth_method authorization_method body_format"
                            + " refresh_params refresh_url alternate_access_token_response_path expires_in_unit"
                            + " token_expiration_buffer token_response_metadata redirect_uri_metadata webhook_response_metadata"
                            + " installation require_client_certificate request_url request_params request_http_method"
                            + " token_http_method signature_method client_registration registration_url registration_params"
                            + " mcp_server_url installation_check_url installation_requester installation_webhook token_rules post_connection pre_connection_deletion token_headers token_request_method token_response token_expires_in_ms"
                            + " token_response_headers additional_steps refresh_token_params refresh_token_headers signature token"
                            + " assertion auth_type post_connection_script pre_connection_deletion_script"
                            + " credentials_verification_script webhook_routing_script webhook_user_defined_secret"
                            + " webhook_allowed_query_params auth decode_url refresh_token_response_metadata"
                            + " pre_connection_creation_script proxy_header_authorization access_token_url"
                            + " connection_configuration webhook")
                    .split(" "));

    private static final Set<String> PROXY = Set.of(
            "base_url",
            "headers",
            "query",
            "body",
            "retry",
            "paginate",
            "verification",
            "decompress",
            "forward_headers_on_redirect",
            "connection_config");

    private static final Set<String> RETRY = Set.of("at", "after", "remaining", "error_code", "in_body");

    private static final Set<String> PAGINATE = Set.of(
            "type",
            "limit",
            "limit_name_in_request",
            "response_path",
            "in_body",
            "cursor_name_in_request",
            "cursor_path_in_response",
            "link_rel_in_response_header",
            "link_path_in_response_body",
            "offset_name_in_request",
            "offset_start_value",
            "offset_calculation_method");

    private static final Set<String> VERIFICATION =
            Set.of("method", "endpoints", "base_url_override", "headers", "data", "expect");

    private KeyHints() {}

    /** @param written a definition as written, without resolving its alias */
    static List<String> of(JsonNode written) {
        var hints = new ArrayList<String>();
        block("", written, TOP, hints);
        var proxy = written.path("proxy");
        block("proxy.", proxy, PROXY, hints);
        block("proxy.retry.", proxy.path("retry"), RETRY, hints);
        block("proxy.paginate.", proxy.path("paginate"), PAGINATE, hints);
        block("proxy.verification.", proxy.path("verification"), VERIFICATION, hints);
        script(written, hints);
        return List.copyOf(hints);
    }

    private static void script(JsonNode written, List<String> hints) {
        var script = written.path("webhook_routing_script").asString("");
        WebhookRules.providerOf(script)
                .filter(name -> !BuiltIns.names().contains(name) && !written.has("webhook"))
                .ifPresent(_ -> hints.add("webhook_routing_script: no built-in rules have the name '" + script
                        + "', so no webhooks are accepted; correct it, or describe them in a block 'webhook'"));
    }

    private static void block(String at, JsonNode block, Set<String> known, List<String> hints) {
        for (var key : block.propertyNames()) {
            if (!known.contains(key)) {
                nearest(key, known)
                        .ifPresent(meant ->
                                hints.add(at + key + ": is unknown and has no effect; did you mean '" + meant + "'?"));
            }
        }
    }

    /** The most similar known key, if there is one. */
    static Optional<String> nearest(String key, Collection<String> known) {
        var best = Optional.<String>empty();
        int least = (key.length() <= SHORT ? 1 : MOST_EDITS) + 1;
        for (var candidate : known.stream().sorted().toList()) {
            int edits = edits(key.toLowerCase(java.util.Locale.ROOT).replace('-', '_'), candidate);
            if (edits < least) {
                best = Optional.of(candidate);
                least = edits;
            }
        }
        return best;
    }

    /** The Levenshtein distance: letters to insert, remove or replace. */
    private static int edits(String from, String to) {
        var row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
