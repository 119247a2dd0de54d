/** The demo: the story of a customer's configuration, played on real HTTP. */
@NullMarked
package dev.millrace.cli.demo;

import org.jspecify.annotations.NullMarked;
