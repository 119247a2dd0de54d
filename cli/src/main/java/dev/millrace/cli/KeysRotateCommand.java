package dev.millrace.cli;

import dev.millrace.server.Server;
import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.KeyReport;
import dev.millrace.server.encryption.KeySource;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adds a new key and waits until all data is encrypted with it. */
@Command(
        name = "rotate",
        sortOptions = false,
        description = "Puts a new encryption key first in the data folder's encryption.key. The running server uses it"
                + " within seconds, without a restart, and re-encrypts all data in the background; this command"
                + " shows how far it is and may be stopped without harm.",
        footer = {
            "",
            "Keep a backup of encryption.key: old backups of the database need the old keys.",
            "Exit status 0: the key is there, and is used if a server runs; 2: bad settings."
        })
final class KeysRotateCommand implements Callable<Integer>, ServerCommand {
    private static final int HIGHEST_ID = 255;
    private static final int LOOK_MILLIS = 500;

    @Option(names = "--no-wait", order = -1, description = "Do not wait until everything is re-encrypted.")
    private boolean noWait;

    @Mixin
    private @Nullable KeysOptions options;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        var settings = Injected.value(options);
        var out = Injected.value(spec).commandLine().getOut();
        try (var opened = settings.open()) {
            var source = settings.source();
            int id = nextId(opened.db(), source);
            if (!source.isFile()) {
                return propose(id, source, out);
            }
            source.add(id);
            out.println("Key " + id + " is first in " + source.where() + " now. Make a backup of that file.");
            out.flush();
            if (opened.started().isPresent()) {
                out.println("No server runs on this data folder. The next start uses the key.");
            } else if (!noWait) {
                watch(opened.db(), id, out);
            }
            out.flush();
        }
        return ExitCode.OK;
    }

    /** Higher than all ids used so far, else the lowest unused one. */
    private static int nextId(Database db, KeySource source) {
        var used = Stream.concat(
                        KeyReport.ids(db).stream(), source.read().stream().flatMap(ring -> ring.ids().stream()))
                .toList();
        int highest = used.stream().mapToInt(Integer::intValue).max().orElse(0);
        if (highest < HIGHEST_ID) {
            return highest + 1;
        }
        return IntStream.rangeClosed(1, HIGHEST_ID)
                .filter(id -> !used.contains(id))
                .findFirst()
                .orElseThrow(() -> new UserError("All " + HIGHEST_ID + " key ids have been used."));
    }

    private static int propose(int id, KeySource source, PrintWriter out) {
        out.println("The keys are given by " + source.where() + ". Put this one first in it, before a comma, on every");
        out.println("server, and restart them; when all have it, it becomes active:");
        out.println();
        out.println("  " + KeySource.proposal(id));
        out.println();
        out.flush();
        return ExitCode.OK;
    }

    private static void watch(Database db, int id, PrintWriter out) throws InterruptedException {
        var waitsFor = "";
        while (KeyReport.rotation(db).filter(r -> r.to() == id).isEmpty()) {
            var others = String.join(", ", KeyReport.waitsFor(db, id));
            if (!others.equals(waitsFor) && !others.isEmpty()) {
                waitsFor = others;
                out.println("It becomes active when these servers list it first: " + others);
                out.flush();
            }
            Thread.sleep(LOOK_MILLIS);
        }
        out.println("Key " + id + " is in use now.");
        out.flush();
        follow(db, id);
        var report = KeyReport.of(db, Server.SEALED);
        var unused = report.keys().stream()
                .filter(key -> key.use() == KeyReport.Use.UNUSED && key.values() == 0)
                .map(key -> String.valueOf(key.id()))
                .toList();
        out.println("Everything is encrypted with it. No longer needed, remove from the file at any time: key "
                + String.join(", ", unused));
    }

    private static void follow(Database db, int id) throws InterruptedException {
        int pass = 0;
        var bar = Optional.<Bar>empty();
        for (var at = KeyReport.rotation(db);
                at.filter(r -> r.to() == id && !r.finished()).isPresent();
                at = KeyReport.rotation(db)) {
            var rotation = at.get();
            if (rotation.pass() > pass) {
                pass = rotation.pass();
                bar.ifPresent(Bar::close);
                bar = Optional.of(Bar.of(pass == 1 ? "Re-encrypting" : "Checking", Math.max(1, rotation.total())));
            }
            bar.ifPresent(b -> b.at(rotation.scanned()));
            Thread.sleep(LOOK_MILLIS);
        }
        bar.ifPresent(Bar::close);
    }
}
