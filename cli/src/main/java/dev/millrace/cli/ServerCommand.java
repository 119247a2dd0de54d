package dev.millrace.cli;

/** A command that starts the server, hence obeys its environment variables. */
interface ServerCommand {}
