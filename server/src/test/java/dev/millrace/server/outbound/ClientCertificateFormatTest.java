package dev.millrace.server.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ClientCertificateFormatTest {
    @Test
    void an_invalid_certificate_is_reported_without_its_content() {
        var certificate = new ClientCertificate("neither-this", "nor-that");

        assertThatThrownBy(certificate::keyManagers)
                .hasMessageNotContainingAny("neither-this", "nor-that")
                .extracting("code")
                .isEqualTo("invalid_certificate_or_key_format");
        assertThat(certificate).hasToString("ClientCertificate[***]");
    }
}
