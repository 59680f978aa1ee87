package dev.holdfast.lock.testkit.tiny;

import dev.holdfast.lock.testkit.process.WorkerIo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps one lease per name. One line is a request: {@code claim name id nanos}, {@code renew name
 * id}, {@code release name id}; one line is the answer. Grants and releases are in its file before
 * they are answered; when it comes back, every holder has its whole lease again.
 */
final class TinyServer {

  /** Who has a name, for how long, and until when by the monotonic clock. */
  private record Row(String id, long lease, long until, long token) {}

  private final Path file;
  private final Map<String, Row> rows = new HashMap<>();
  private long lastToken;

  private TinyServer(Path file) throws IOException {
    this.file = file;
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(" ", -1);
        long lease = Long.parseLong(words[2]);
        lastToken = Long.parseLong(words[3]);
        rows.put(words[0], new Row(words[1], lease, System.nanoTime() + lease, lastToken));
      }
    }
  }

  /** The port and the file. */
  public static void main(String[] arguments) throws IOException {
    WorkerIo io = WorkerIo.open();
    TinyServer server = new TinyServer(Path.of(arguments[1]));
    try (ServerSocket socket =
        new ServerSocket(Integer.parseInt(arguments[0]), 200, InetAddress.getLoopbackAddress())) {
      io.serveAside(line -> {});
      io.say("ready");
      while (true) {
        Socket client = socket.accept();
        Thread thread = new Thread(() -> server.serve(client), "tiny-client");
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String answer = answer(line.split(" ", -1)) + "\n";
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      // the client has gone
    }
  }

  private synchronized String answer(String[] words) throws IOException {
    Row row = rows.get(words[1]);
    boolean live = row != null && row.until() - System.nanoTime() > 0;
    boolean mine = live && row.id().equals(words[2]);
    return switch (words[0]) {
      case "claim" -> claim(words, row, live, mine);
      case "renew" -> {
        if (mine) {
          put(words[1], row.id(), row.lease(), row.token());
        }
        yield mine ? "yes" : "no";
      }
      case "release" -> {
        if (mine) {
          write(words[1], "-", 0, row.token());
          rows.remove(words[1]);
        }
        yield mine ? "yes" : "no";
      }
      default -> "unknown";
    };
  }

  private String claim(String[] words, Row row, boolean live, boolean mine) throws IOException {
    if (live && !mine) {
      return "held " + (row.until() - System.nanoTime());
    }
    long lease = Long.parseLong(words[3]);
    long token = mine ? row.token() : ++lastToken;
    if (!mine) {
      write(words[1], words[2], lease, token);
    }
    put(words[1], words[2], lease, token);
    return "granted " + token;
  }

  private void put(String name, String id, long lease, long token) {
    rows.put(name, new Row(id, lease, System.nanoTime() + lease, token));
  }

  private void write(String name, String id, long lease, long token) throws IOException {
    Files.writeString(
        file,
        "%s %s %d %d%n".formatted(name, id, lease, token),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
