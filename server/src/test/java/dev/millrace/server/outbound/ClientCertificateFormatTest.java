package dev.millrace.server.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ClientCertificateFormatTest {
    @Test
    void what_is_no_certificate_is_told_without_being_shown() {
        var certificate = new ClientCertificate("neither-this", "nor-that");

        assertThatThrownBy(certificate::keyManagers)
                .hasMessageNotContainingAny("neither-this", "nor-that")
                .extracting("code")
                .isEqualTo("invalid_certificate_or_key_format");
        assertThat(certificate).hasToString("ClientCertificate[***]");
    }
}
