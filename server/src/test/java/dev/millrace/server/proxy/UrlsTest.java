package dev.millrace.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
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

    @ParameterizedTest
    @CsvSource({
        "http://a.example/b/c?d=1,/x,http://a.example/x",
        "http://a.example/b/c?d=1,x,http://a.example/b/x",
        "http://a.example/b/c?d=1,../x,http://a.example/x",
        "http://a.example/b/c?d=1,?page=2,http://a.example/b/c?page=2",
        "http://a.example:81/b,//other.example/x,http://other.example/x",
        "http://a.example/b,HTTPS://other.example/x y,HTTPS://other.example/x%20y",
        "http://a.example/b,/x y|z,http://a.example/x%20y%7Cz",
        "http://a.example/b,/x[1]/y?z[]=1,http://a.example/x%5B1%5D/y?z[]=1",
        "http://a.example/b,/é#part,http://a.example/%C3%A9",
        "http://a.example/b,:x,:x",
    })
    void references_lead_from_where_they_stand(String at, String reference, String expected) {
        assertThat(Urls.resolve(URI.create(at), reference)).isEqualTo(expected);
    }
}
