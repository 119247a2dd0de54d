package dev.millrace.server.function.js;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Assigns user ids to workers, each to one process at a time on this machine. Two workers with the same id could signal
 * each other and would share the limit of processes. A lock on a file claims an id; the operating system releases it
 * when the server ends in any way. Thread-safe.
 */
final class WorkerUsers {
    /** Ids that neither Linux distributions nor systemd assign, so that a worker owns no files. */
    static final int FIRST = 60_600;

    static final int LAST = 61_183;

    private static final List<Path> FOLDERS = List.of(
            Path.of("/run/millrace-workers"), Path.of(System.getProperty("java.io.tmpdir"), "millrace-workers"));

    private record Claim(FileChannel file, FileLock lock) {}

    /** The users of processes that run. */
    interface RunningUsers {
        Set<Integer> get() throws IOException;
    }

    private final List<Path> folders;
    private final RunningUsers running;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Claim> claims = new HashMap<>();
    private int next = FIRST;

    WorkerUsers() {
        this(FOLDERS, WorkerUsers::used);
    }

    /** @param folders for the locks; the first one that can be used is used */
    WorkerUsers(List<Path> folders, RunningUsers running) {
        this.folders = List.copyOf(folders);
        this.running = running;
    }

    /**
     * Claims an id that no process uses.
     *
     * @throws IOException when all are in use, or no folder can be used for the locks
     */
    int claim() throws IOException {
        lock.lock();
        try {
            var folder = folder();
            var used = running.get();
            for (int tried = FIRST; tried <= LAST; tried++) {
                int id = next;
                next = next == LAST ? FIRST : next + 1;
                if (!used.contains(id) && claimed(folder, id)) {
                    return id;
                }
            }
            throw new IOException("All user ids for function workers, " + FIRST + " to " + LAST
                    + ", are taken on this machine. Stop another server, or run this one as an ordinary user.");
        } finally {
            lock.unlock();
        }
    }

    /** Releases an id whose process has ended. */
    void release(int id) {
        lock.lock();
        try {
            var claim = claims.remove(id);
            if (claim != null) {
                claim.file().close(); // and the lock with it
            }
        } catch (IOException _) {
            // The id then stays claimed until the server ends; there are enough others.
        } finally {
            lock.unlock();
        }
    }

    private boolean claimed(Path folder, int id) throws IOException {
        if (claims.containsKey(id)) {
            return false;
        }
        var file = FileChannel.open(
                folder.resolve(Integer.toString(id)), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            var locked = file.tryLock();
            if (locked != null) {
                claims.put(id, new Claim(file, locked));
                return true;
            }
        } catch (OverlappingFileLockException _) {
            // Another connection of this process holds it.
        }
        file.close();
        return false;
    }

    private Path folder() throws IOException {
        IOException problem = null;
        for (var folder : folders) {
            try {
                return usable(folder);
            } catch (IOException e) {
                problem = e;
            }
        }
        throw new IOException("The user ids of function workers cannot be claimed: no folder for locks", problem);
    }

    /** Nobody else may have created the folder. */
    private static Path usable(Path folder) throws IOException {
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException _) {
            // Created by an earlier server, or by one that is running.
        }
        boolean isOurs = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        if (!isOurs) {
            throw new IOException(folder + " belongs to somebody else");
        }
        return folder;
    }

    /** The users of all processes, including those of other containers if they are visible. */
    private static Set<Integer> used() throws IOException {
        var users = new HashSet<Integer>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                try {
                    users.add((Integer) Files.getAttribute(process, "unix:uid"));
                } catch (NoSuchFileException _) {
                    // The process has ended meanwhile.
                }
            }
        }
        return users;
    }
}
