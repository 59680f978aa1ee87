package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Names are opaque, and independent of each other: X2. */
public interface NamesContract extends ContractTest {

  /** Pairs that stores, file systems, collations, hashes and normal forms like to mix up. */
  List<String> NAMES =
      List.of(
          "a",
          "A",
          "b",
          "a ",
          "a  ",
          " a",
          "a b",
          "a  b",
          "a\tb",
          "a\nb",
          "a\rb",
          "\u0001",
          "a/b",
          "a//b",
          "/a",
          "a/",
          "/",
          "a%2Fb",
          "a%2fb",
          "a%252Fb",
          "%",
          "%41",
          "+",
          "a+b",
          ".",
          "..",
          "...",
          "./a",
          "../a",
          "a:b",
          "a::b",
          "{a}",
          "{a}b",
          "{b}a",
          "{}",
          "a{",
          "}a",
          "a*",
          "*",
          "a?",
          "a\\b",
          "a'b",
          "a''b",
          "a\"b",
          "a;b",
          "a--b",
          "a_b",
          "a-b",
          "a,b",
          "$1",
          "null",
          "0",
          "00",
          "0.0",
          "-0",
          "true",
          "\u00e9",
          "e\u0301",
          "e",
          "\u00df",
          "ss",
          "SS",
          "\u1e9e",
          "i",
          "I",
          "\u0131",
          "\u0130",
          "\ufb01",
          "fi",
          "\u212b",
          "\u00c5",
          "\u03c3",
          "\u03c2",
          "\u65e5\u672c",
          "\u30a2",
          "\uff71",
          "a\u200b",
          "\ufeffa",
          "\u202ea",
          "\ud83d\udd12",
          "\ud83d\udd13",
          "Aa",
          "BB",
          "AaAa",
          "BBBB",
          "AaBB",
          "x".repeat(255),
          "x".repeat(254),
          "x".repeat(254) + "y",
          "y" + "x".repeat(254),
          "\ud83d\udd12".repeat(255),
          "\ud83d\udd12".repeat(254) + "\ud83d\udd13",
          "/".repeat(255),
          "/".repeat(254),
          "\u00e9".repeat(255),
          "\u00e9".repeat(254) + "e");

  /** X2: names that differ in anything are different locks, and each is one lock for everybody. */
  @Test
  default void names_thatDifferInAnything_areDifferentLocks() throws Exception {
    TestClient a = client();
    TestClient b = client();
    List<String> notGranted = new ArrayList<>();
    List<String> notExcluded = new ArrayList<>();
    List<LockHandle> held = new ArrayList<>();
    for (String name : NAMES) {
      a.lock(name).tryAcquire().ifPresentOrElse(held::add, () -> notGranted.add(name));
    }
    for (String name : NAMES) {
      b.lock(name).tryAcquire().ifPresent(handle -> notExcluded.add(name));
    }
    assertThat(notGranted).as("free names that looked held").isEmpty();
    assertThat(notExcluded).as("held names that looked free").isEmpty();
    held.forEach(LockHandle::close);
  }

  /** X2: NUL is the one character that a store may refuse; if it takes it, it means it. */
  @Test
  default void name_withNul_isRefusedOrDistinct() throws Exception {
    TestClient a = client();
    LockHandle cut = a.hold(name());
    try {
      Optional<LockHandle> whole = a.lock(name() + "\u0000b").tryAcquire();
      assertThat(whole).as("another lock").isPresent();
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("name");
    }
    cut.close();
  }

  /** X2: the prefix of a client is a part of the name, and nothing more. */
  @Test
  default void prefix_isPutBeforeTheName_verbatim() throws Exception {
    TestClient prefixed = client(options().prefix(name() + "/"));
    TestClient plain = client();
    LockHandle held = prefixed.hold("x y");
    assertThat(held.lockName()).isEqualTo("x y");
    assertThat(plain.lock("x y").tryAcquire()).isPresent();
    assertThat(plain.lock(name() + "/x y").tryAcquire()).isEmpty();
  }

  /** X2: a name whose store calls hang holds up no other name, not even in the same client. */
  @Test
  default void names_oneOfThemStuck_theOthersGoOn() throws Exception {
    TestClient a = client();
    String stuck = name("stuck");
    a.hold(name("connects")).close(); // a slow login is another matter
    Fault lost = Fault.loseTheRequest();
    a.line().plan((operation, name) -> name.equals(stuck) ? lost : Fault.NONE);
    Duration limit = grace().multipliedBy(2);
    Future<?> hangs = start(() -> a.lock(stuck).tryAcquire(limit.plus(lease())));
    long start = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      a.hold(name("free" + i)).close();
    }
    assertThat(ContractTest.since(start)).isLessThan(limit);
    assertThat(hangs).isNotDone();
    a.line().plan((operation, name) -> Fault.NONE);
    assertThat(a.line().count(Operation.CLAIM)).isPositive();
  }
}
