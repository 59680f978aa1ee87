package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.spi.LockUris;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What was asked for on the command line. */
record SoakArguments(String store, SoakOptions options, boolean planOnly, boolean help) {

  private static final String HELP =
      """
      usage: soak <store> [minutes] [seed] [--plan] [--processes N] [--locks N] [--lease S] [--out FOLDER]

      Several processes use the same locks while their processes, their network and the store
      fail by a random plan, mostly where it hurts: at the holder. Then checks all that happened:
      no two holders, tokens in order, each loss told once and in time, no fenced write refused
      to a holder, recovery after each storm, nothing left behind. Writes a picture of it.

        <store>        a URI of a running store: then the store itself is left alone%s
        minutes        how long; default 1, also 0.5
        seed           of the plan: the same seed gives the same faults; default: a new one
        --plan         prints the plan and does nothing
        --processes N  how many JVMs compete; default 4
        --locks N      how many locks each of them wants; default 3
        --lease S      lease in seconds; default 2, or the least that the store can
        --out FOLDER   for the picture and the histories; default target/soak/<store>-<seed>

      Ctrl-C ends it in good order, with a verdict on what was seen so far.
      Exit code: 0 if no rule was broken, 1 if one was, 2 if the soak could not begin.\
      """;

  static String help(String names) {
    return HELP.formatted(
        names.isEmpty() ? "" : ", or a store to start:\n                 " + names);
  }

  static SoakArguments parse(String... args) {
    Deque<String> words = new ArrayDeque<>(List.of(args));
    List<String> plain = new ArrayList<>();
    SoakOptions options = SoakOptions.defaults().withSeed(System.nanoTime() % 1_000_000);
    Path folder = null;
    boolean planOnly = false;
    while (!words.isEmpty()) {
      String word = words.remove();
      switch (word) {
        case "--help", "-h" -> {
          return new SoakArguments("", options, false, true);
        }
        case "--plan" -> planOnly = true;
        case "--processes" -> options = options.withProcesses((int) number(word, words.poll(), 1));
        case "--locks" -> options = options.withLocks((int) number(word, words.poll(), 1));
        case "--lease" ->
            options = options.withLease(Duration.ofMillis(number(word, words.poll(), 1000)));
        case "--out" -> folder = Path.of(given(word, words.poll()));
        default -> plain.add(word);
      }
    }
    if (plain.isEmpty() || plain.size() > 3 || plain.stream().anyMatch(it -> it.startsWith("-"))) {
      throw new IllegalArgumentException("expected <store> [minutes] [seed], not: " + plain);
    }
    if (plain.size() > 1) {
      options = options.withDuration(Duration.ofMillis(number("minutes", plain.get(1), 60_000)));
    }
    if (plain.size() > 2) {
      options = options.withSeed(number("seed", plain.get(2), 1));
    }
    String store = plain.get(0);
    Path usual = Path.of("target", "soak", label(store) + "-" + options.seed());
    return new SoakArguments(
        store, options.withFolder(folder == null ? usual : folder), planOnly, false);
  }

  /** For a folder's name. */
  private static String label(String store) {
    String scheme = LockUris.scheme(store);
    return scheme.isEmpty() ? store.replaceAll("[^A-Za-z0-9.-]", "_") : scheme;
  }

  private static long number(
      String what, @org.jspecify.annotations.Nullable String word, int unit) {
    try {
      return new BigDecimal(given(what, word)).multiply(BigDecimal.valueOf(unit)).longValue();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " is a number, not: " + word, e);
    }
  }

  private static String given(String what, @org.jspecify.annotations.Nullable String word) {
    if (word == null) {
      throw new IllegalArgumentException(what + " needs a value");
    }
    return word;
  }
}
