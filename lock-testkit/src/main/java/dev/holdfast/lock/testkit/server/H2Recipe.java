package dev.holdfast.lock.testkit.server;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;

/** How to run H2's TCP server from its jar. */
record H2Recipe(Path h2, String storage) implements ServerRecipe {

  private static final String MAIN = "org.h2.tools.Server";

  /** The jar of H2 on the class path. */
  static Path jar() {
    try {
      Class<?> main = Class.forName(MAIN, false, H2Recipe.class.getClassLoader());
      CodeSource source = main.getProtectionDomain().getCodeSource();
      return Path.of(source.getLocation().toURI());
    } catch (ClassNotFoundException | URISyntaxException e) {
      throw new ServerUnavailableException(
          "no H2 to test with; add com.h2database:h2 to the test class path");
    }
  }

  @Override
  public String name() {
    return "h2";
  }

  @Override
  public String description() {
    String version = h2.getFileName().toString().replaceFirst("^h2-", "").replace(".jar", "");
    return "H2 %s from %s (data in %s, %s)"
        .formatted(version, ServerSource.MAVEN, storage, h2.getFileName());
  }

  @Override
  public List<String> command(ServerHome home) {
    return List.of(
        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
        "-XX:-UsePerfData",
        "-Xmx256m",
        // without it, H2 listens on all interfaces and only then refuses strangers
        "-Dh2.bindAddress=" + ServerHome.HOST,
        "-cp",
        h2.toString(),
        MAIN,
        "-tcp",
        "-tcpPort",
        Integer.toString(home.port()),
        "-ifNotExists",
        "-baseDir",
        home.data().toString());
  }

  @Override
  public boolean isHealthy(ServerHome home, long root) {
    return home.accepts();
  }
}
