package dev.millrace.cli;

/** A command that starts the server and therefore uses its environment variables. */
interface ServerCommand {}
