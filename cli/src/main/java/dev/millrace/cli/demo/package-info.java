/** The demo, played over real HTTP. */
@NullMarked
package dev.millrace.cli.demo;

import org.jspecify.annotations.NullMarked;
