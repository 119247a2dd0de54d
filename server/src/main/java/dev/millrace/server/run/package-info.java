/** One execution of a function: its context, deadline and outcome. */
@NullMarked
package dev.millrace.server.run;

import org.jspecify.annotations.NullMarked;
