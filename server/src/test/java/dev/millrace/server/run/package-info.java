/** Parts of runs by themselves. */
@NullMarked
package dev.millrace.server.run;

import org.jspecify.annotations.NullMarked;
