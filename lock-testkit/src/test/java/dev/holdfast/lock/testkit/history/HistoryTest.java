package dev.holdfast.lock.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.memory.MemoryLocks;
import dev.holdfast.lock.testkit.memory.MemoryStore;
import dev.holdfast.lock.testkit.process.WorkerIo;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

  @TempDir Path folder;

  @Test
  void line_oddNames_comeBackTheSame() {
    for (String odd : List.of("", "-", " ", "a b", "%20", "ü🔒", "line\nbreak", "\t+")) {
      HistoryEvent event = new HistoryEvent(-5, EventKind.LOST, odd, odd, odd, Long.MIN_VALUE, odd);
      assertThat(event.toLine()).doesNotContain("\n");
      assertThat(HistoryEvent.parse(event.toLine())).isEqualTo(event);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> HistoryEvent.parse("nonsense"));
  }

  @Test
  void files_ofTwoProcesses_mergeByTime() throws IOException {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    try (History a = History.toFile("a", one);
        History b = History.toFile("b", two)) {
      a.waiting("c", "job");
      a.acquired("c", "job", 1);
      b.waiting("c", "job");
      a.releasing("c", "job", 1);
      b.acquired("c", "job", 2);
      a.released("c", "job", 1, "RELEASED");
      b.note("a fault");
      b.lost("c", "job", 2, "EXPIRED");
      a.paused("b");
      a.resumed("b");
      a.killed("b");
      assertThat(a.events()).hasSize(7);
    }
    List<HistoryEvent> merged = History.read(List.of(two, one));
    assertThat(merged).hasSize(11).isSortedAccordingTo(HistoryEvent.BY_TIME);
    assertThat(HistoryChecker.check(merged).assertGood().holds()).isEqualTo(2);
  }

  @Test
  void file_lastLineCutShort_isIgnored() throws IOException {
    Path file = folder.resolve("cut");
    try (History history = History.toFile("a", file)) {
      history.acquired("c", "job", 1);
    }
    Files.writeString(file, "12345 ACQ", StandardOpenOption.APPEND);
    assertThat(History.read(List.of(file))).hasSize(1);
  }

  @Test
  void inMemory_keepsEvents() {
    try (History history = History.inMemory("p")) {
      history.note("hello");
      assertThat(history.events()).singleElement().hasFieldOrPropertyWithValue("detail", "hello");
    }
  }

  @Test
  void acquired_notHeldAnyMore_isNotNoted() throws InterruptedException {
    try (History history = History.inMemory("p");
        LockClient client = LockClient.over(MemoryLocks.over(MemoryStore.create()))) {
      LockHandle handle = client.lock("job").acquire();
      assertThat(history.acquired("c", handle)).isTrue();
      handle.close();
      assertThat(history.acquired("c", handle)).isFalse();
      assertThat(history.events())
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.kind()).isEqualTo(EventKind.ACQUIRED);
                assertThat(event.lock()).isEqualTo("job");
                assertThat(event.token()).isEqualTo(handle.fencingToken());
              });
    }
  }

  @Test
  void workerKilled_whatItNoted_isThere() throws IOException {
    Path file = folder.resolve("worker");
    try (WorkerProcess worker = WorkerProcess.start(Noter.class, file.toString())) {
      worker.awaitLine("noted", Duration.ofSeconds(20));
      worker.kill9();
    }
    assertThat(History.read(List.of(file))).hasSize(100);
  }

  /** Notes a hundred grants and waits to be killed. */
  static final class Noter {
    public static void main(String[] args) {
      WorkerIo io = WorkerIo.open();
      History history = History.toFile("worker", Path.of(args[0]));
      for (int i = 1; i <= 100; i++) {
        history.acquired("c", "job" + i, i);
      }
      io.say("noted");
      io.serve(line -> {});
    }
  }
}
