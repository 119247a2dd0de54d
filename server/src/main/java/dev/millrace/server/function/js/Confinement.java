package dev.millrace.server.function.js;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The restrictions that the operating system can impose on a worker; detected once. Under root each worker runs as
 * another user. Where the kernel allows it, a worker has an isolated network. Files, processes and memory are limited.
 *
 * @param prefix precedes {@code setpriv} or, without another user, the shell that sets the limits
 * @param otherUser whether each worker gets a user id of its own
 */
record Confinement(List<String> prefix, boolean otherUser) {
    private static final Logger LOG = LoggerFactory.getLogger(Confinement.class);

    private static final List<String> NAMESPACES = List.of("unshare", "--net", "--ipc", "--uts", "--");
    private static final List<String> OWN_USERS = List.of("unshare", "--user", "--net", "--ipc", "--uts", "--");
    private static final List<String> NO_NEW_RIGHTS = List.of("setpriv", "--no-new-privs", "--");
    private static final List<String> NOBODY_TO_ITSELF =
            List.of("unshare", "--user", "--map-user=65534", "--map-group=65534", "--net", "--ipc", "--uts", "--");

    /**
     * The limits are twice what a worker needs. The memory limit is somewhat above the watchdog's, because the watchdog
     * can tell which execution is responsible and therefore has to act first. Processes can be counted only for a user
     * of its own. By default, each of Node's threads would keep the memory that it frees. Nearly all memory is
     * allocated by one thread, so all share one allocator arena. A worker has a session of its own, so that a Ctrl-C in
     * the server's terminal does not send it SIGINT, which would end a function.
     */
    private static final String LIMITS = """
            echo 500 2>/dev/null >/proc/self/oom_score_adj
            ulimit -c 0; ulimit -f 0; ulimit -n 256
            [ "$1" = 0 ] || ulimit -d "$1"
            [ "$2" = 0 ] || ulimit -p "$2" 2>/dev/null || ulimit -u "$2"
            shift 2
            ! command -v setsid >/dev/null || set -- setsid "$@"
            exec env -i MALLOC_ARENA_MAX=1 "$@"
            """;

    private static final int THREADS = 64;

    /** A Node process maps about 600 MB of writable memory at its start. */
    private static final int MAPPED_ANYWAY = 1024;

    Confinement {
        prefix = List.copyOf(prefix);
    }

    /**
     * Detects what this machine supports.
     *
     * @param readable a command that succeeds for a user who can read the runtime
     */
    static Confinement probe(List<String> readable) {
        if (!isLinux()) {
            LOG.info(
                    "Function workers run as this user and with this machine's network: only Linux can take both away");
            return new Confinement(List.of(), false);
        }
        return new UnixSystem().getUid() == 0 ? ofRoot(readable) : ofOrdinaryUser();
    }

    private static Confinement ofRoot(List<String> readable) {
        boolean other = works(join(asUser(WorkerUsers.FIRST), readable));
        if (other && works(join(NAMESPACES, List.of("true")))) {
            return new Confinement(NAMESPACES, true);
        }
        if (other) {
            LOG.warn("Function workers keep this machine's network: the kernel refuses unshare --net");
            return new Confinement(List.of(), true);
        }
        if (works(join(NOBODY_TO_ITSELF, readable))) {
            LOG.warn("Function workers are root to the file system: other users cannot read the runtime's folder");
            return new Confinement(join(NOBODY_TO_ITSELF, NO_NEW_RIGHTS), false);
        }
        LOG.warn("Function workers run as root: setpriv is missing, or other users cannot read the runtime's folder");
        return new Confinement(List.of(), false);
    }

    private static Confinement ofOrdinaryUser() {
        var rights = works(join(NO_NEW_RIGHTS, List.of("true"))) ? NO_NEW_RIGHTS : List.<String>of();
        if (works(join(OWN_USERS, List.of("true")))) {
            return new Confinement(join(OWN_USERS, rights), false);
        }
        LOG.warn("Function workers keep this machine's network: the kernel refuses unshare --user --net");
        return new Confinement(rights, false);
    }

    /**
     * The command that starts a worker.
     *
     * @param user from {@link WorkerUsers}; ignored if workers have no users of their own
     * @param memoryMegabytes the watchdog's limit
     */
    List<String> command(int user, int memoryMegabytes, List<String> worker) {
        long kilobytes = isLinux() ? (memoryMegabytes + MAPPED_ANYWAY) * 1024L : 0;
        var limits = List.of("sh", "-c", LIMITS, "sh", Long.toString(kilobytes), otherUser ? "" + THREADS : "0");
        return join(limits, prefix, otherUser ? asUser(user) : List.of(), worker);
    }

    private static List<String> asUser(int user) {
        return List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--");
    }

    private static boolean works(List<String> command) {
        try {
            var builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear(); // run like workers: the programs must be found without a PATH
            var process = builder.start();
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
        } catch (IOException e) {
            LOG.debug("{} cannot be started", command.getFirst(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static boolean isLinux() {
        return System.getProperty("os.name", "").equals("Linux");
    }

    @SafeVarargs
    private static List<String> join(List<String>... parts) {
        var all = new ArrayList<String>();
        for (var part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
