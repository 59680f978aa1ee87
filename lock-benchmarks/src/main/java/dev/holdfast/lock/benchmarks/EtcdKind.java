package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.server.EtcdServer;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/** An etcd of one member with fsync on; the limit is a put if absent and a guarded delete. */
final class EtcdKind implements StoreKind {

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public List<Contender> contenders() {
    return List.of(
        Contender.limit(uri -> new EtcdLimit(endpoint(uri))),
        Contender.HOLDFAST,
        new Contender("jetcd-Lock", uri -> new JetcdLock(endpoint(uri))));
  }

  private static String endpoint(String uri) {
    return uri.replace("etcd://", "http://");
  }

  @Override
  public Server start() {
    return new Running(EtcdServer.launch());
  }

  private record Running(EtcdServer etcd) implements Server {

    @Override
    public String description() {
      return etcd.description();
    }

    @Override
    public String uri() {
      return "etcd://" + etcd.host() + ":" + etcd.port();
    }

    /** Messages, so that each keep-alive on a stream counts. */
    @Override
    public OptionalLong operations() throws IOException {
      return OptionalLong.of((long) etcd.metric("grpc_server_msg_received_total", labels -> true));
    }

    @Override
    public void close() {
      etcd.close();
    }
  }
}
