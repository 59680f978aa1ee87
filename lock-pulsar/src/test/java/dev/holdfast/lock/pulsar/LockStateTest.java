package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.pulsar.CatchUp.Received;
import dev.holdfast.lock.pulsar.LogRecord.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What follows from a log, without a broker. */
class LockStateTest {

  private final LockState state = LockState.empty();
  private long entries;

  private Position write(LogRecord record) {
    Position at = new Position(7, entries++);
    state.apply(LogRecord.parse(record.write()), at, entries);
    return at;
  }

  private static LogRecord claim(String id) {
    return LogRecord.of(Kind.CLAIM, id)
        .with("who", "host/1, \u65e5\u672c;|=")
        .with("lease", 2_000)
        .with("queue", true)
        .with("n", 1);
  }

  private static LogRecord renew(String id) {
    return LogRecord.of(Kind.RENEW, id).with("n", 2);
  }

  private static LogRecord expire(Entry... dead) {
    return LogRecord.of(Kind.EXPIRE, "").withDead(List.of(dead));
  }

  private Entry entry(String id) {
    return state.find(id).orElseThrow();
  }

  /** W4, F1: the line is that of the claims; a token is the place of the record that granted. */
  @Test
  void line_isServedInOrder_withTokensOfTheLog() {
    Position first = write(claim("a"));
    write(claim("b"));
    write(claim("c"));
    write(claim("b"));
    assertThat(state.line()).extracting(Entry::id).containsExactly("a", "b", "c");
    assertThat(entry("a").token()).isEqualTo(first.token()).isPositive();
    assertThat(entry("b").holds()).isFalse();
    Position release = write(LogRecord.of(Kind.RELEASE, "a"));
    assertThat(entry("b").token()).isEqualTo(release.token()).isGreaterThan(first.token());
    assertThat(entry("c").holds()).isFalse();
  }

  /** A judge that was frozen between judging and writing harms nobody who was heard of since. */
  @Test
  void expire_thatComesAfterAYoungerSign_isVoid() {
    write(claim("a"));
    Entry judged = entry("a");
    write(claim("b"));
    write(renew("a"));
    write(expire(judged));
    assertThat(entry("a").holds()).isTrue();
    write(expire(entry("a")));
    assertThat(state.find("a")).isEmpty();
    assertThat(entry("b").holds()).isTrue();
    write(expire(judged));
    assertThat(entry("b").holds()).isTrue();
  }

  /** Two judges of one death: the second one's record hits nobody. */
  @Test
  void expire_writtenTwice_takesOutOnce() {
    write(claim("a"));
    write(claim("b"));
    Entry dead = entry("a");
    write(expire(dead));
    long token = entry("b").token();
    write(expire(dead));
    assertThat(entry("b").token()).isEqualTo(token);
  }

  /** A sign of life, late or doubled, brings nobody back. */
  @Test
  void renewal_ofOneTakenOut_bringsNobodyBack() {
    write(claim("a"));
    write(LogRecord.of(Kind.REVOKE, ""));
    write(renew("a"));
    write(LogRecord.of(Kind.RELEASE, "a"));
    assertThat(state.isBlank()).isTrue();
  }

  /** Who asks once and does not wait leaves nothing. */
  @Test
  void claim_thatDoesNotQueue_entersNoLine() {
    write(claim("a"));
    write(claim("b").with("queue", false));
    assertThat(state.find("b")).isEmpty();
    write(LogRecord.of(Kind.RELEASE, "a"));
    write(claim("c").with("queue", false));
    assertThat(entry("c").holds()).isTrue();
  }

  /** P5: switched off, the holder keeps it and nobody else enters. */
  @Test
  void off_sendsAwayWhoWaits() {
    write(claim("a"));
    write(claim("b"));
    write(LogRecord.of(Kind.OFF, ""));
    write(claim("c"));
    assertThat(state.line()).extracting(Entry::id).containsExactly("a");
    assertThat(state.isEnabled()).isFalse();
  }

  /** Messages that are none of ours say nothing, and break nothing. */
  @Test
  void junk_isPassedOver() {
    for (String junk :
        List.of("", "hello", "CLAIM", "CLAIM id", "RENEW n=x", "EXPIRE dead=a,b", "CLAIM base=1")) {
      LogRecord record = LogRecord.parse(junk.getBytes(StandardCharsets.UTF_8));
      assertThat(record.kind()).isIn(Kind.UNKNOWN, Kind.CLAIM);
    }
  }

  /**
   * Whoever begins to read anywhere has the state of who has read everything: over random logs,
   * with writers that have read less than what stands before their records.
   */
  @Test
  void catchUp_fromAnyRecord_hasTheStateOfTheWholeLog() {
    for (int seed = 0; seed < 200; seed++) {
      new RandomLog(new Random(seed)).check();
    }
  }

  private static final class RandomLog {
    private final Random random;
    private final List<Received> log = new ArrayList<>();
    private final List<LockState> states = new ArrayList<>();

    RandomLog(Random random) {
      this.random = random;
    }

    void check() {
      LockState all = LockState.empty();
      for (int i = 0; i < 60; i++) {
        Position at = new Position(3 + i / 20, i % 20);
        LogRecord record = LogRecord.parse(context(any(all)).write());
        log.add(new Received(record, at, 0));
        all.apply(record, at, 0);
        states.add(LockState.read(all.write(), 0));
        assertThat(read(i).write()).as("record " + i).isEqualTo(all.write());
      }
    }

    private LogRecord any(LockState all) {
      String id = "c" + random.nextInt(5);
      return switch (random.nextInt(6)) {
        case 0, 1 -> claim(id);
        case 2 -> renew(id);
        case 3 -> LogRecord.of(Kind.RELEASE, id);
        case 4 -> all.holder().map(LockStateTest::expire).orElse(claim(id));
        default -> LogRecord.of(Kind.REVOKE, "");
      };
    }

    /** As a writer that lags behind by a few records would add. */
    private LogRecord context(LogRecord record) {
      int read = Math.max(-1, log.size() - 1 - random.nextInt(4));
      return read < 0
          ? record.withSnapshot(Position.START, LockState.empty().write())
          : record.withSnapshot(log.get(read).at(), states.get(read).write());
    }

    private LockState read(int last) {
      Position end = log.get(last).at();
      CatchUp reading = CatchUp.ofLast(end);
      assertThat(reading.add(log.get(last))).isTrue();
      if (reading.certain().isPresent()) {
        return reading.certain().get();
      }
      Position from = reading.readFrom();
      CatchUp more = CatchUp.ofMore(end);
      for (int i = 0; i <= last; i++) {
        if (from.isBefore(log.get(i).at())) {
          boolean unused = more.add(log.get(i));
        }
      }
      return more.best();
    }
  }

  /** The range that the Javadoc gives, and the order over ledgers. */
  @Test
  void token_keepsTheOrderOfTheLog_inItsRange() {
    assertThat(new Position(0, 0).token()).isPositive();
    assertThat(new Position(1, 0).token()).isGreaterThan(new Position(0, (1 << 23) - 1).token());
    Position last = new Position((1L << 40) - 2, (1 << 23) - 1);
    assertThat(last.fitsToken()).isTrue();
    assertThat(last.token()).isPositive();
    assertThat(new Position((1L << 40) - 1, 0).fitsToken()).isFalse();
    assertThat(new Position(5, 1 << 23).fitsToken()).isFalse();
    assertThat(new Position(5, 1 << 23).outOfRange()).hasMessageContaining("5:8388608");
    assertThat(new Entry("a", "w", Duration.ofSeconds(1), 0, last, 0, 0).left(0)).isPositive();
  }
}
