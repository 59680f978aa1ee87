package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.server.PulsarServer;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Pulsar with the broker's defaults, whose bookie syncs its journal; the limit is an exclusive
 * producer, with one message as the token.
 */
final class PulsarKind implements StoreKind {

  @Override
  public String name() {
    return "pulsar";
  }

  @Override
  public List<Contender> contenders() {
    return List.of(Contender.limit(PulsarLimit::new), Contender.HOLDFAST);
  }

  @Override
  public Server start() {
    return new Running(PulsarServer.launch());
  }

  /** Each has a topic with a ledger and a cursor; a small broker opens some 20 a second. */
  @Override
  public int mostHeld() {
    return 1_000;
  }

  private record Running(PulsarServer pulsar) implements Server {

    private static final Pattern PUBLISHED =
        Pattern.compile("(?m)^pulsar_in_messages_total(?:\\{[^}]*\\})? ([-+.0-9eE]+)");

    @Override
    public String description() {
      return pulsar.description();
    }

    @Override
    public String uri() {
      return pulsar.serviceUrl();
    }

    /** Messages that were published: what a lock costs the broker's disk. */
    @Override
    public OptionalLong operations() {
      Matcher published = PUBLISHED.matcher(pulsar.admin().metrics());
      double all = 0;
      while (published.find()) {
        all += Double.parseDouble(published.group(1));
      }
      return OptionalLong.of((long) all);
    }

    @Override
    public void close() {
      pulsar.close();
    }
  }
}
