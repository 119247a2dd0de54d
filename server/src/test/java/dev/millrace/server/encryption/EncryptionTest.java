package dev.millrace.server.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class EncryptionTest {
    private static final String ONE = Base64.getEncoder().encodeToString(key(1));
    private static final String TWO = Base64.getEncoder().encodeToString(key(2));
    private static final String OTHER = Base64.getEncoder().encodeToString(key(9));

    private static byte[] key(int fill) {
        var bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }

    private static Encryption encryption(String keys) {
        return new Encryption(KeyRing.parse(keys));
    }

    @Test
    void what_earlier_versions_sealed_still_opens() throws Exception {
        var iv = HexFormat.of().parseHex("000102030405060708090a0b");
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key(1), "AES"), new GCMParameterSpec(128, iv));
        var text = cipher.doFinal("secret".getBytes(StandardCharsets.UTF_8));
        var sealed = ByteBuffer.allocate(13 + text.length)
                .put((byte) 1)
                .put(iv)
                .put(text)
                .array();

        assertThat(encryption(ONE).openText(sealed)).isEqualTo("secret");
        assertThat(encryption("2:" + TWO + ",1:" + ONE).openText(sealed)).isEqualTo("secret");
    }

    @Test
    void the_first_key_seals_and_every_key_opens() {
        var old = encryption(ONE);
        var both = encryption("2:" + TWO + ",1:" + ONE);
        var high = encryption("255:" + TWO);

        assertThat(both.openText(old.seal("a"))).isEqualTo("a");
        assertThat(both.seal("a")).startsWith(2);
        assertThat(high.seal("a")).startsWith(255);
        assertThat(high.openText(high.seal("a"))).isEqualTo("a");
        both.sealWith(1);
        assertThat(old.openText(both.seal("b"))).isEqualTo("b");
        old.know(KeyRing.parse("2:" + TWO));
        both.sealWith(2);
        assertThat(old.openText(both.seal("c"))).isEqualTo("c");
        assertThat(old.openText(both.seal(""))).isEmpty();
    }

    @Test
    void a_key_that_is_missing_or_another_one_opens_nothing() {
        var sealed = encryption("2:" + TWO).seal("a");
        var changed = sealed.clone();
        changed[changed.length - 1] ^= 1;

        assertThatThrownBy(() -> encryption(ONE).open(sealed)).hasMessageContaining("key 2, which is not known");
        assertThatThrownBy(() -> encryption("2:" + OTHER).open(sealed)).hasMessageContaining("key 2 does not open");
        assertThatThrownBy(() -> encryption("2:" + TWO).open(changed)).hasMessageContaining("key 2 does not open");
        assertThatThrownBy(() -> encryption(ONE).open(new byte[0])).hasMessageContaining("not a sealed value");
    }

    @Test
    void no_iv_is_used_twice() throws Exception {
        var encryption = encryption(ONE);
        Set<String> heads = ConcurrentHashMap.newKeySet();
        int threads = 100;
        int each = 1_000;

        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int thread = 0; thread < threads; thread++) {
                running.add(pool.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        heads.add(HexFormat.of().formatHex(encryption.seal("x"), 0, 13));
                    }
                }));
            }
            for (var thread : running) {
                thread.get();
            }
        }

        assertThat(heads).hasSize(threads * each);
    }

    @Test
    void a_refused_value_does_not_spoil_the_next() {
        var encryption = encryption(ONE);
        var sealed = encryption.seal("a");
        var changed = sealed.clone();
        changed[20] ^= 1;

        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> encryption.open(changed)).isInstanceOf(IllegalStateException.class);
            assertThat(encryption.openText(sealed)).isEqualTo("a");
            assertThat(encryption.openText(encryption.seal("b"))).isEqualTo("b");
        }
    }

    @Test
    void fingerprints_are_those_of_earlier_versions() throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key(1), "HmacSHA256"));
        var secret = mac.doFinal("fingerprint".getBytes(StandardCharsets.UTF_8));
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        var expected = mac.doFinal(new byte[] {7});

        assertThat(new Encryption(key(1)).fingerprint(new byte[] {7})).isEqualTo(expected);
        var both = encryption("2:" + TWO + ",1:" + ONE);
        both.fingerprintWith(Encryption.fingerprintSecret(KeyRing.parse(ONE).first()));
        assertThat(both.fingerprint(new byte[] {7})).isEqualTo(expected);
    }
}
