/** The sample CRM: a small API to connect to, for the demo, for tests and for experiments. */
@NullMarked
package dev.millrace.cli.crm;

import org.jspecify.annotations.NullMarked;
