package dev.millrace.server.ui;

import dev.millrace.server.db.Database;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/**
 * The password of the dashboard, one for all servers of a cluster. It is always a random one, and only its hash is
 * stored: a lost one can be replaced but not shown. Thread-safe.
 */
public final class DashboardPassword {
    private static final String READ = "SELECT iterations, salt, hash FROM dashboard_password";
    private static final String ADD = """
            INSERT INTO dashboard_password (iterations, salt, hash, created_at)
            VALUES (:iterations, :salt, :hash, :now)
            ON CONFLICT (only_one) DO NOTHING
            """;
    private static final String REPLACE = """
            INSERT INTO dashboard_password (iterations, salt, hash, created_at)
            VALUES (:iterations, :salt, :hash, :now)
            ON CONFLICT (only_one) DO UPDATE
               SET iterations = excluded.iterations, salt = excluded.salt, hash = excluded.hash,
                   created_at = excluded.created_at
            """;

    // 20 of 32 letters that cannot be confused with each other: 100 random bits.
    private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz023456789";
    private static final int GROUPS = 5;
    private static final int GROUP = 4;

    private final Database db;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public DashboardPassword(Database db, Clock clock) {
        this.db = db;
        this.clock = clock;
    }

    /** Creates the password unless there is one. Returns it if this call has created it. */
    public Optional<String> createFirst() {
        if (stored().isPresent()) {
            return Optional.empty();
        }
        var password = random();
        int added = db.withHandle(handle -> store(handle, ADD, password));
        return added == 0 ? Optional.empty() : Optional.of(password);
    }

    /** Replaces the password and ends all sessions. */
    public String replace() {
        var password = random();
        db.useTransaction(handle -> {
            store(handle, REPLACE, password);
            Sessions.endAll(handle);
        });
        return password;
    }

    /** Whether this is the password. Slow on purpose. */
    boolean matches(String typed) {
        return stored().filter(hash -> hash.matches(plain(typed))).isPresent();
    }

    private int store(Handle handle, String statement, String password) {
        var hash = PasswordHash.of(plain(password), random);
        return handle.createUpdate(statement)
                .bind("iterations", hash.iterations())
                .bind("salt", hash.salt())
                .bind("hash", hash.hash())
                .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
                .execute();
    }

    private Optional<PasswordHash> stored() {
        return db.withHandle(handle -> handle.createQuery(READ)
                .map(ConstructorMapper.of(PasswordHash.class))
                .findOne());
    }

    private String random() {
        var text = new StringBuilder();
        for (int i = 0; i < GROUPS * GROUP; i++) {
            if (i > 0 && i % GROUP == 0) {
                text.append('-');
            }
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    /** People leave out dashes and copy spaces with it. */
    private static String plain(String typed) {
        return typed.replaceAll("[\\s-]", "").toLowerCase(Locale.ROOT);
    }
}
