package dev.millrace.server.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/** What shows, without reading it, that a file has changed. */
record FileStamp(Path path, FileTime changed, long size) {
    /** Of all files of definitions in these places; what cannot be looked at is left out. */
    static List<FileStamp> of(List<Path> places) {
        var stamps = new ArrayList<FileStamp>();
        for (var place : places) {
            try {
                for (var path : DefinitionFile.paths(place)) {
                    stamps.add(new FileStamp(path, Files.getLastModifiedTime(path), Files.size(path)));
                }
            } catch (IOException _) {
                // Reading the definitions will tell.
            }
        }
        return stamps;
    }
}
