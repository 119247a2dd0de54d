/**
 * Helpers of the tests. Which one to take:
 *
 * <ul>
 *   <li>A server in this JVM: {@link dev.millrace.server.testkit.TestServer}; with other settings: {@code new
 *       Server(TestConfig.of(…))}. A server in a process of its own, to be killed or stopped: {@code ServerProcess}.
 *   <li>A database: {@code TestDatabase}, a copy of a migrated one; a PostgreSQL that a test may kill or stop: {@code
 *       OwnPostgres}. A folder: {@code TestFolder}.
 *   <li>Requests: the Java client that {@code TestServer.client()} returns; {@code RawClient} for status, headers and error
 *       bodies; {@code JsonShape} compares answers.
 *   <li>A provider: {@code ScriptedApi} answers as a function of the test says; {@code MockApi} serves pages of items;
 *       {@code PagedApi}, {@code StalledApi}, {@code SoapService}, {@code RotatingProvider}, {@code Vendor} and {@code
 *       SdkApi} for one subject each. A reverse proxy before the server: {@code FrontProxy}.
 *   <li>An application that receives webhooks: {@code WebhookReceiver}; one that polls them: {@code SentEvents}.
 *   <li>Functions: {@code Scripts} deploys a few lines of JavaScript, {@code Deployment} builds requests to deploy, {@code
 *       ProbeAction}, {@code ContactSync}, {@code ShelfSync}, {@code TrackedSync}, {@code ReportingSync} and {@code
 *       EventFunctions} deploy those of {@code src/test/resources/functions}.
 *   <li>Records under crashes: {@code CrashScene}, {@code StoreServer}, {@code StoreWriter}, {@code WriteLog}, {@code
 *       TailingReader}, {@code ChangeAudit}. Runs that change servers: {@code TakeoverScene}.
 * </ul>
 */
@NullMarked
package dev.millrace.server.testkit;

import org.jspecify.annotations.NullMarked;
