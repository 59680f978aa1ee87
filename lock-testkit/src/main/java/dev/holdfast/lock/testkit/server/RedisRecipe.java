package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How to run a redis-server or a Sentinel from a configuration file of its own.
 *
 * @param settings lines of the configuration, in which {@code {folder}} and {@code {port}} stand
 *     for the server's own
 * @param environment variables for the process
 */
record RedisRecipe(
    String program,
    boolean sentinel,
    boolean tls,
    List<String> settings,
    Map<String, String> environment)
    implements ServerRecipe {

  private static final int LIMIT_MILLIS = 500;

  @Override
  public String name() {
    return sentinel ? "sentinel" : "redis";
  }

  @Override
  public String description() {
    return RedisPrograms.describe(program) + (sentinel ? " as Sentinel" : "");
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    Files.createDirectories(home.data());
    List<String> listen = List.of("bind " + ServerHome.HOST, tls ? "port 0" : "port {port}");
    Files.write(file(home), configuration(listen, settings, home.port(), home.data().toString()));
  }

  /** The lines of a configuration file. */
  static List<String> configuration(
      List<String> listen, List<String> settings, int port, String data) {
    List<String> lines = new ArrayList<>(listen);
    lines.add("dir {data}");
    lines.add("daemonize no");
    lines.addAll(settings);
    lines.replaceAll(
        line -> line.replace("{port}", Integer.toString(port)).replace("{data}", data));
    return lines;
  }

  private static Path file(ServerHome home) {
    return home.folder().resolve("redis.conf");
  }

  @Override
  public List<String> command(ServerHome home) {
    List<String> command = new ArrayList<>(List.of(program, file(home).toString()));
    if (sentinel) {
      command.add("--sentinel");
    }
    return command;
  }

  /** Up when it answers at all, be it that a password is wanted; not while it loads its data. */
  @Override
  public boolean isHealthy(ServerHome home, long root) {
    return tls
        ? home.accepts()
        : answers(new InetSocketAddress(InetAddress.getLoopbackAddress(), home.port()));
  }

  static boolean answers(InetSocketAddress server) {
    try (Socket socket = new Socket()) {
      socket.connect(server, LIMIT_MILLIS);
      socket.setSoTimeout(LIMIT_MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] answer = new byte[64];
      int length = in.read(answer);
      String text = length < 0 ? "" : new String(answer, 0, length, StandardCharsets.US_ASCII);
      return text.startsWith("+PONG") || text.startsWith("-NOAUTH") || text.startsWith("-NOPERM");
    } catch (IOException e) {
      return false;
    }
  }
}
