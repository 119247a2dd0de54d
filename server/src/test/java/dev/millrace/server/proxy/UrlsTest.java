package dev.millrace.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlsTest {
    @ParameterizedTest
    @CsvSource({
        "api.acme.com,api.acme.com,true",
        "api.acme.com,API.acme.com,true",
        "api.acme.com,eu.acme.com,true",
        "acme.co.uk,api.acme.co.uk,true",
        "localhost,LOCALHOST,true",
        "10.0.0.1,10.0.0.1,true",
        "[::1],[::1],true",
        "tracker.corp.local,tracker.corp.local,true",
        "acme.com,acme.org,false",
        "acme.co.uk,other.co.uk,false",
        "a.github.io,b.github.io,false",
        "a.github.io,github.io,false",
        "10.0.0.1,10.0.0.2,false",
        "tracker.corp.local,wiki.corp.local,false",
        "acme.com,acme.com.evil.org,false",
        "acme.com,evilacme.com,false",
    })
    void hosts_belong_together_by_their_registered_name(String one, String other, boolean together) {
        assertThat(Urls.sameOwner(one, other)).isEqualTo(together);
        assertThat(Urls.sameOwner(other, one)).isEqualTo(together);
    }
}
