package dev.holdfast.lock.testkit.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads one output stream of a child to its end on a daemon thread of its own. */
final class LineReader {

  private LineReader() {}

  static Thread start(String name, InputStream in, Consumer<String> sink, Runnable end) {
    Thread thread = new Thread(() -> read(in, sink, end), name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void read(InputStream in, Consumer<String> sink, Runnable end) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        sink.accept(line);
      }
    } catch (IOException e) {
      // a killed child's pipe breaks; for the reader that is its end like any other
    } finally {
      end.run();
    }
  }
}
