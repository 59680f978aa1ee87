package dev.holdfast.lock.testkit.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The program of the worker JVMs in these tests. */
final class TestWorker {

  private TestWorker() {}

  public static void main(String[] args) throws InterruptedException {
    WorkerIo io = WorkerIo.open();
    System.out.println("noise of a library");
    io.say("ready " + String.join(" ", args));
    io.serveAside(line -> run(io, line));
    Thread.currentThread().join();
  }

  private static void run(WorkerIo io, String line) {
    String[] words = line.split(" ", 2);
    switch (words[0]) {
      case "echo" -> io.say("echo " + words[1]);
      case "nanos" -> io.say("nanos " + System.nanoTime());
      case "tick" -> new Thread(() -> tick(io)).start();
      case "sleeper" -> io.say("sleeper " + sleeper().pid());
      case "worker" -> io.say("worker " + WorkerProcess.start(TestWorker.class).pid());
      case "property" -> io.say("property " + System.getProperty(words[1]));
      case "variable" -> io.say("variable " + System.getenv(words[1]));
      case "exit" -> System.exit(3);
      case "fail" -> throw new IllegalStateException("on purpose");
      default -> io.say("what?");
    }
  }

  private static void tick(WorkerIo io) {
    while (true) {
      io.say("tick");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static ChildProcess sleeper() {
    return ChildProcess.start(new ProcessBuilder("sleep", "1000"));
  }
}
