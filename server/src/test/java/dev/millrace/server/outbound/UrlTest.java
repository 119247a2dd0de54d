package dev.millrace.server.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs as browsers read them: what is expected here is what {@code new URL(text).href} gives, without the fragment. */
class UrlTest {
    @ParameterizedTest
    @CsvSource({
        "http://a.example,http://a.example/",
        "HTTP://A.Example/X,http://a.example/X",
        "http://a.example:80/,http://a.example/",
        "https://a.example:443?x,https://a.example/?x",
        "https://a.example:8443,https://a.example:8443/",
        "http://a.example:00081/,http://a.example:81/",
        "http://a.example:/x,http://a.example/x",
        "http://my_service:4555/x,http://my_service:4555/x",
        "http://[::1]:4555/x,http://[::1]:4555/x",
        "http://[0:0:0:0:0:0:0:1],http://[::1]/",
        "http://[2001:DB8:0:0:1:0:0:1],http://[2001:db8::1:0:0:1]/",
        "http://[::ffff:1.2.3.4],http://[::ffff:102:304]/",
        "http://b\u00fccher.example/\u00e9?\u00e9,http://xn--bcher-kva.example/%C3%A9?%C3%A9",
        "http://a.example/[x]{y}|z^`\"<>,http://a.example/[x]%7By%7D|z%5E%60%22%3C%3E",
        "'http://a.example/?a[]={b|c}^`\"<> ''&d','http://a.example/?a[]={b|c}^`%22%3C%3E%20%27&d'",
        "http://a.example/%zz?%zz%,http://a.example/%zz?%zz%",
        "http://a.example/a/../b/./c/%2e%2E/d,http://a.example/b/d",
        "http://a.example/a/..,http://a.example/",
        "http://a.example/../../x/.,http://a.example/x/",
        "http://a.example//x//y,http://a.example//x//y",
        "http://a.example\\x\\y,http://a.example/x/y",
        "http:a.example/x,http://a.example/x",
        "http://a.example/x#y?z,http://a.example/x",
        "http://a.example/?x?y,http://a.example/?x?y",
        "http://a.example?,http://a.example/?",
        "http://0x7f.1/,http://127.0.0.1/",
        "http://1.2.3/,http://1.2.0.3/",
        "http://user:pass@a.example/x,http://a.example/x",
    })
    void is_written_as_browsers_write_it(String text, String expected) {
        assertThat(Url.parse(text)).hasToString(expected);
    }

    @Test
    void line_breaks_and_spaces_around_it_do_not_count() {
        assertThat(Url.parse(" \nhttp://a.exa\tmple/x\r\ny ")).hasToString("http://a.example/xy");
    }

    @Test
    void splits_a_url_into_its_parts() {
        var url = Url.parse("https://u:p%40@[::1]:8443/a?b");

        assertThat(url.userInfo()).isEqualTo("u:p%40");
        assertThat(url.bareHost()).isEqualTo("::1");
        assertThat(url.authority()).isEqualTo("[::1]:8443");
        assertThat(url.target()).isEqualTo("/a?b");
        assertThat(url.effectivePort()).isEqualTo(8443);
        assertThat(Url.parse("http://a.example").effectivePort()).isEqualTo(80);
        assertThat(url).asString().doesNotContain("p%40");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a.example",
                "//a.example",
                "http://",
                "http://?secret",
                "http://a.example:65536/secret",
                "http://a.example:0/secret",
                "http://a.example:secret/",
                "http://[::1/secret",
                "http://[secret]",
                "http://a secret",
                "http://secret<",
                "http://1.2.3.256",
            })
    void what_is_no_url_is_refused_without_being_shown(String text) {
        assertThatThrownBy(() -> Url.parse(text))
                .isInstanceOf(OutboundFailure.class)
                .hasMessageStartingWith("Invalid URL: ")
                .hasMessageNotContaining("secret")
                .extracting("code")
                .isEqualTo("unknown_error");
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.example/b/c?d=1,/x,http://a.example/x",
        "http://a.example/b/c?d=1,x,http://a.example/b/x",
        "http://a.example/b/c?d=1,../x,http://a.example/x",
        "http://a.example/b/c?d=1,?page=2,http://a.example/b/c?page=2",
        "http://a.example/b/c?d=1,'',http://a.example/b/c?d=1",
        "http://a.example/b/c?d=1,#part,http://a.example/b/c?d=1",
        "http://a.example:81/b,//other.example/x,http://other.example/x",
        "http://a.example:81/b,\\\\other.example\\x,http://other.example/x",
        "http://a.example/b,HTTPS://other.example/x y,https://other.example/x%20y",
        "https://a.example/b,http:x,http://x/",
        "http://a.example/b/,http:x,http://a.example/b/x",
        "http://a.example/b,/x y|z,http://a.example/x%20y|z",
        "http://a.example/b,/x[1]/y?z[]=1,http://a.example/x[1]/y?z[]=1",
        "http://a.example/b,/\u00e9#part,http://a.example/%C3%A9",
        "http://a.example/b,:x,http://a.example/:x",
        "http://u:p@a.example/b,/x,http://a.example/x",
    })
    void references_lead_from_where_they_stand(String at, String reference, String expected) {
        assertThat(Url.parse(at).resolve(reference)).hasToString(expected);
    }
}
