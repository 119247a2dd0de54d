package dev.millrace.server.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/** The size and time of a file, which show a change without reading it. */
record FileStamp(Path path, FileTime changed, long size) {
    /** The stamps of all definition files in these places; unreadable ones are left out. */
    static List<FileStamp> of(List<Path> places) {
        var stamps = new ArrayList<FileStamp>();
        for (var place : places) {
            try {
                for (var path : DefinitionFile.paths(place)) {
                    stamps.add(new FileStamp(path, Files.getLastModifiedTime(path), Files.size(path)));
                }
            } catch (IOException _) {
                // Reading the definitions will report this error.
            }
        }
        return stamps;
    }
}
