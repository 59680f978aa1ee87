package dev.holdfast.lock.examples;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.testkit.process.WorkerIo;
import java.time.Duration;
import java.util.Locale;

/** One of the three processes of {@link Heartbeats}: a {@link HeartbeatJob}, told by lines. */
final class HeartbeatWorker {

  private HeartbeatWorker() {}

  /**
   * Runs until its parent ends it.
   *
   * @param args name, URI of the store, lease in ms
   */
  public static void main(String[] args) {
    WorkerIo io = WorkerIo.open();
    Duration lease = Duration.ofMillis(Long.parseLong(args[2]));
    var options = LockClientOptions.builder().description(args[0]).lease(lease).build();
    LockClient locks = LockClient.connect(args[1], options);
    HeartbeatJob job =
        new HeartbeatJob(
            Heartbeats.JOB,
            locks,
            token -> {
              io.say("started " + token);
              return () -> io.say("stopped " + token);
            });
    io.say("ready");
    io.serve(heartbeat -> io.say(job.heartbeat().name().toLowerCase(Locale.ROOT)));
  }
}
