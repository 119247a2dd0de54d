package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvidersTest {
    @TempDir
    private Path folder;

    @Test
    void a_definition_is_served_with_name_and_logo_after_its_own_keys() {
        var github = Providers.load(List.of()).find("github").orElseThrow();

        var shown = github.shown("http://here");

        assertThat(shown.propertyNames()).containsAll(github.definition().propertyNames());
        assertThat(shown.propertyNames()).endsWith("name", "logo_url");
        assertThat(shown.get("logo_url").stringValue()).isEqualTo("http://here/images/template-logos/github.svg");
    }

    @Test
    void own_files_come_later_and_replace_whole_definitions() throws IOException {
        write("b.yaml", "github:\n  display_name: Ours\n  auth_mode: NONE\n");
        write("a.yaml", "github:\n  display_name: First\n  auth_mode: NONE\n  docs: x\n");

        var github = Providers.load(List.of(folder)).find("github").orElseThrow();

        assertThat(github.displayName()).isEqualTo("Ours");
        assertThat(github.definition().has("docs")).isFalse();
    }

    @Test
    void aliases_are_resolved_across_files_and_levels_by_whole_blocks() throws IOException {
        write("a.yaml", """
                top:
                    alias: middle
                    display_name: Top
                middle:
                    alias: google-drive
                    proxy:
                        base_url: https://m.example
                """);

        var top = Providers.load(List.of(folder)).find("top").orElseThrow();

        assertThat(top.displayName()).isEqualTo("Top");
        assertThat(top.authMode()).isEqualTo(AuthMode.OAUTH2);
        assertThat(top.definition().has("alias")).isFalse();
        assertThat(top.definition().at("/proxy/base_url").stringValue()).isEqualTo("https://m.example");
        assertThat(top.proxy().paginate()).isEmpty();
    }

    @Test
    void cyclic_aliases_and_unknown_targets_are_errors() throws IOException {
        write("a.yaml", "a: {alias: b}\nb: {alias: a}\nc: {alias: nowhere}\nd: [\ne: {alias: d}\n");

        assertThat(Providers.load(List.of(folder)).check().faults())
                .anySatisfy(fault ->
                        assertThat(fault).contains("a.yaml: provider 'a': its aliases go round in a circle: a → b → a"))
                .anySatisfy(fault -> assertThat(fault).contains("provider 'c': alias: there is no provider 'nowhere'"))
                .anySatisfy(
                        fault -> assertThat(fault).contains("provider 'e': alias: the definition of 'd' has faults"));
    }

    @Test
    void faults_name_file_provider_and_key() throws IOException {
        write("bad.yaml", """
                one:
                    display_name: One
                    auth_mode: API_KEYS
                    proxy:
                        base_url: https://${connectionConfig.host}.example
                two:
                    display_name: Two
                    auth_mode: BASIC
                    proxy:
                        base_url: https://${connectionConfig.host}.example/{x}
                        retry: {error_code: ['42']}
                        paginate: {type: pages}
                three:
                    display_name: Three
                    auth_mode: NONE
                    proxy:
                        base_url: https://${connectionConfig.host}.example
                """);
        write("broken.yaml", "good: {display_name: Good, auth_mode: NONE}\nbad: [\nlast: {alias: good}\n");

        var providers = Providers.load(List.of(folder));

        assertThat(String.join("\n", providers.check().faults()))
                .contains("bad.yaml: provider 'one': auth_mode: 'API_KEYS' is none of")
                .contains("provider 'two': proxy.base_url: has a '{' without '$'")
                .contains("provider 'two': proxy.retry.error_code: '42'")
                .contains("provider 'two': proxy.paginate.type: 'pages'")
                .contains("provider 'three': proxy.base_url: ${connectionConfig.host} is not declared")
                .contains("broken.yaml: provider 'bad': line 2, ");
        assertThat(providers.find("bad")).isEmpty();
        assertThat(providers.find("two")).isEmpty();
        assertThat(providers.find("good")).isPresent();
        assertThat(providers.find("last")).isPresent();
        assertThat(providers.search("bad")).isEmpty();
    }

    @Test
    void one_invalid_pattern_among_a_thousand_definitions_leaves_out_that_definition_only() throws IOException {
        var file = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            file.append("api-%d: {display_name: Api, auth_mode: NONE}\n".formatted(i));
        }
        file.append("""
                wrong:
                    display_name: Wrong
                    auth_mode: NONE
                    connection_config:
                        host: {type: string, title: Host, description: Host, pattern: '[a-z'}
                """);
        write("all.yaml", file.toString());

        var providers = Providers.load(List.of(folder));

        assertThat(providers.find("api-999")).isPresent();
        assertThat(providers.find("wrong")).isEmpty();
        assertThat(providers.check().faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault)
                        .contains(
                                "all.yaml: provider 'wrong': connection_config.host.pattern: '[a-z' is not a valid regular"
                                        + " expression"));
    }

    @Test
    void a_definition_with_faults_does_not_bring_back_the_built_in_one() throws IOException {
        write("a.yaml", "github: {display_name: Ours, auth_mode: NOTHING}\n");

        assertThat(Providers.load(List.of(folder)).find("github")).isEmpty();
    }

    @Test
    void misspelt_keys_are_hints_that_name_the_key_that_was_meant() throws IOException {
        write("a.yaml", """
                mine:
                    display_name: Mine
                    auth_mode: NONE
                    catgories: [other]
                    our_own_key: 1
                    proxy:
                        base_url: https://mine.example
                        paginate:
                            type: cursor
                            cursor_path_in_respons: next
                            cursor-name-in-request: cursor
                """);

        var report = Providers.load(List.of(folder)).check();

        assertThat(report.faults()).isEmpty();
        assertThat(String.join("\n", report.hints()).lines())
                .hasSize(3)
                .anySatisfy(hint -> assertThat(hint)
                        .endsWith("a.yaml: provider 'mine': catgories: is unknown and has no effect; did you mean"
                                + " 'categories'?"))
                .anySatisfy(hint -> assertThat(hint)
                        .contains("proxy.paginate.cursor_path_in_respons: ", "did you mean 'cursor_path_in_response'?"))
                .anySatisfy(hint -> assertThat(hint)
                        .contains("proxy.paginate.cursor-name-in-request: ", "did you mean 'cursor_name_in_request'?"));
    }

    @Test
    void a_routing_script_without_rules_is_a_hint() throws IOException {
        write("a.yaml", """
                mine:
                    display_name: Mine
                    auth_mode: NONE
                    webhook_routing_script: slakWebhookRouting
                yours:
                    display_name: Yours
                    auth_mode: NONE
                    webhook_routing_script: slackWebhookRouting
                wrong:
                    display_name: Wrong
                    auth_mode: NONE
                    webhook: { connections: all, typ: body.type }
                """);

        var report = Providers.load(List.of(folder)).check();

        assertThat(report.hints())
                .singleElement()
                .asString()
                .contains("'mine': webhook_routing_script: ", "slakWebhookRouting");
        assertThat(report.faults())
                .singleElement()
                .asString()
                .endsWith("provider 'wrong': webhook.typ: is unknown; did you mean 'type'?");
    }

    @Test
    void what_is_announced_or_inherited_without_effect_is_no_fault() throws IOException {
        write("good.yaml", """
                one:
                    display_name: One
                    auth_mode: API_KEY
                    credentials:
                        apiKey: {type: string, title: Key, description: Key, pattern: '^[^[]+$'}
                    connection_configuration: [host]
                    proxy:
                        base_url: https://${connectionConfig.host}.example/${connectionConfig.tenant}
                        connection_config: {tenant: string}
                        retry: {in_body: {path: error, value: '/{(\\d+)}/'}}
                two:
                    alias: one
                    auth_mode: OAUTH2
                    authorization_url: https://one.example/authorize
                    token_url: https://one.example/token
                """);

        var two = Providers.load(List.of(folder)).find("two").orElseThrow();

        assertThat(two.authMode()).isEqualTo(AuthMode.OAUTH2);
        assertThat(two.proxy()
                        .retry()
                        .inBody()
                        .orElseThrow()
                        .value()
                        .matcher("{7}")
                        .matches())
                .isTrue();
    }

    @Test
    void search_takes_the_text_literally_and_ignores_case() {
        var providers = Providers.load(List.of());

        assertThat(providers.search("GitHub"))
                .extracting(Provider::name)
                .containsExactly("github", "github-app", "github-app-oauth", "github-pat");
        assertThat(providers.search("git.ub")).isEmpty();
    }

    @Test
    void changed_files_are_read_again_and_a_definition_that_gets_faults_stays_what_it_was() throws IOException {
        write("a.yaml", "mine: {display_name: One, auth_mode: NONE}\n");
        var providers = Providers.load(List.of(folder));

        write("a.yaml", "mine: {display_name: Another, auth_mode: NONE}\n");
        write("b.yaml", "yours: {display_name: Yours, auth_mode: NONE}\n");
        providers.refresh();
        assertThat(providers.find("mine")).map(Provider::displayName).contains("Another");
        assertThat(providers.find("yours")).isPresent();

        write(
                "a.yaml",
                "mine: {display_name: A third, auth_mode: NOTHING}\nnew: {display_name: New, auth_mode: NONE}\n");
        providers.refresh();
        assertThat(providers.find("mine")).map(Provider::displayName).contains("Another");
        assertThat(providers.find("new")).isPresent();

        write("a.yaml", "mine: {display_name: The fourth one, auth_mode: NONE}\n");
        Files.delete(folder.resolve("b.yaml"));
        providers.refresh();
        assertThat(providers.find("mine")).map(Provider::displayName).contains("The fourth one");
        assertThat(providers.find("yours")).isEmpty();
    }

    @Test
    void all_of_yaml_may_be_used() throws IOException {
        write("a.yaml", """
                one: {display_name: One, auth_mode: NONE}
                two:
                    display_name: >-
                        Folded
                        text
                    auth_mode: NONE
                """);

        var providers = Providers.load(List.of(folder));

        assertThat(providers.find("two")).map(Provider::displayName).contains("Folded text");
        write("b.yaml", "three: {display_name: Three, auth_mode: NONE}\n'quoted': {alias: three}\n");
        write("c.yaml", "five: {display_name: Five, auth_mode: NONE}\nfive: {display_name: Six, auth_mode: NONE}\n");
        write("d.yaml", "{\"six\": {\"display_name\": \"Six\", \"auth_mode\": \"NONE\"}}\n");
        var more = Providers.load(List.of(folder));
        assertThat(more.find("quoted")).map(Provider::displayName).contains("Three");
        assertThat(more.find("six")).isPresent();
        assertThat(more.check().faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault).contains("c.yaml:2: provider 'five': is defined twice"));
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text);
    }
}
