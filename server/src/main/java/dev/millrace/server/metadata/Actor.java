package dev.millrace.server.metadata;

import dev.millrace.server.http.Caller;

/** Who changes metadata, as histories show it: a kind, a colon, a name. */
public record Actor(String text) {
    /** A program that calls the API. */
    public static Actor key(Caller caller) {
        return new Actor("key:" + caller.key());
    }

    /** Somebody who is signed in to the dashboard. */
    public static Actor dashboard() {
        return new Actor("dashboard:user");
    }

    /** A run of a function. */
    public static Actor function(String integration, String function, long run) {
        return new Actor("function:" + integration + '/' + function + '#' + run);
    }
}
