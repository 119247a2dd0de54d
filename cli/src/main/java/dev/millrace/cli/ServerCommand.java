package dev.millrace.cli;

/** A command that starts the server and therefore reads its environment variables. */
interface ServerCommand {}
