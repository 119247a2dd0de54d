package dev.millrace.server.db.embedded;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * The account that runs PostgreSQL. PostgreSQL refuses root, so a server run by root switches to the owner of an
 * existing cluster or to nobody.
 *
 * @param prefix precedes every command
 * @param owner the user id that owns the cluster's files on disk
 * @param group its group id
 */
record EmbeddedPostgresAccount(List<String> prefix, long owner, long group) {
    private static final int NOBODY = 65534;

    EmbeddedPostgresAccount {
        prefix = List.copyOf(prefix);
    }

    /** Chooses an account that works for this data folder. */
    static EmbeddedPostgresAccount of(Path data, Path cluster) {
        var me = new UnixSystem();
        if (me.getUid() != 0) {
            return new EmbeddedPostgresAccount(List.of(), me.getUid(), me.getGid());
        }
        var dropped = dropped(cluster);
        if (canEnter(dropped, data)) {
            return dropped;
        }
        var namespaced = namespaced();
        if (canEnter(namespaced, data)) {
            return namespaced;
        }
        throw new EmbeddedPostgresFailure(
                "PostgreSQL refuses to run as root, and the user 'nobody' cannot enter the data"
                        + " folder " + data
                        + ". Choose a data folder that others may enter (--data /var/lib/millrace), start"
                        + " Millrace as an ordinary user, or name your own PostgreSQL with --database-url.");
    }

    /** Another user id: the simplest way, if that user can reach the folder. */
    private static EmbeddedPostgresAccount dropped(Path cluster) {
        long owner = NOBODY;
        long group = NOBODY;
        if (Files.exists(cluster) && id(cluster, "unix:uid") != 0) {
            owner = id(cluster, "unix:uid");
            group = id(cluster, "unix:gid");
        }
        return new EmbeddedPostgresAccount(
                List.of("setpriv", "--reuid=" + owner, "--regid=" + group, "--clear-groups", "--"), owner, group);
    }

    /**
     * A user namespace: files still belong to root (in /root, for example), but the process does not see itself as
     * root.
     */
    private static EmbeddedPostgresAccount namespaced() {
        return new EmbeddedPostgresAccount(
                List.of("unshare", "-U", "--map-user=" + NOBODY, "--map-group=" + NOBODY, "--"), 0, 0);
    }

    private static boolean canEnter(EmbeddedPostgresAccount account, Path data) {
        var probe = List.of("sh", "-c", "cd \"$1\"", "sh", data.toString());
        return EmbeddedPostgresCommand.run(Path.of("/"), account.command(probe)).ok();
    }

    List<String> command(List<String> command) {
        return EmbeddedPostgresCommand.join(prefix, command);
    }

    /** Gives a folder and its contents to this account, unless it owns them already. */
    void own(Path folder) throws IOException {
        if (id(folder, "unix:uid") == owner) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (var file : (Iterable<Path>) files::iterator) {
                give(file);
            }
        }
    }

    private void give(Path file) throws IOException {
        Files.setAttribute(file, "unix:gid", (int) group, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:uid", (int) owner, LinkOption.NOFOLLOW_LINKS);
    }

    private static long id(Path file, String attribute) {
        try {
            return ((Number) Files.getAttribute(file, attribute, LinkOption.NOFOLLOW_LINKS)).longValue();
        } catch (IOException e) {
            throw new EmbeddedPostgresFailure("Cannot look at " + file + ": " + e.getMessage(), e);
        }
    }
}
