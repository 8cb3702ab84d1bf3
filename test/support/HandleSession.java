import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import net.handle.hdllib.*;

/** What a user of the reference client does against a node; prints a line "step TAB outcome" for each step. */
public class HandleSession {
  static HandleResolver resolver = new HandleResolver();
  static InetAddress address;
  static int port;

  public static void main(String[] given) throws Exception {
    // Sessions need a server key, which a node without one does not have: each request is challenged instead.
    resolver.setSessionTracker(null);
    address = InetAddress.getByName("127.0.0.1");
    port = Integer.parseInt(given[0]);
    String prefix = given[1];
    byte[] secret = Files.readString(Path.of(given[2])).trim().getBytes("UTF-8");
    byte[] admin = (prefix + "/ADMIN").getBytes("UTF-8");
    AuthenticationInfo by = new SecretKeyAuthenticationInfo(admin, 300, secret);
    AuthenticationInfo wrong = new SecretKeyAuthenticationInfo(admin, 300, "guess".getBytes("UTF-8"));
    byte[] handle = (prefix + "/java-1").getBytes("UTF-8");
    tell("absent", tcp(new ResolutionRequest(handle, null, null, null)));
    tell("create", tcp(new CreateHandleRequest(handle, values(1, "URL", "http://a.example"), by)));
    tell("createAgain", tcp(new CreateHandleRequest(handle, values(1, "URL", "http://a.example"), by)));
    tell("createWrong", tcp(new CreateHandleRequest((prefix + "/no").getBytes(), values(1, "URL", "x"), wrong)));
    tell("resolveTcp", tcp(new ResolutionRequest(handle, null, null, null)));
    tell("resolveUdp", udp(new ResolutionRequest(handle, null, null, null)));
    tell("resolveTcp6", tcp6(new ResolutionRequest(handle, null, null, null)));
    tell("resolveUdp6", udp6(new ResolutionRequest(handle, null, null, null)));
    tell("add", tcp(new AddValueRequest(handle, values(2, "NOTE", "n".repeat(1500)), by)));
    tell("resolveUdpLong", udp(new ResolutionRequest(handle, null, null, null)));
    tell("modify", tcp(new ModifyValueRequest(handle, values(1, "URL", "http://b.example"), by)));
    tell("modifyAbsent", tcp(new ModifyValueRequest(handle, values(9, "URL", "x"), by)));
    tell("byType", tcp(new ResolutionRequest(handle, new byte[][] {"URL".getBytes()}, null, null)));
    tell("byIndex", udp(new ResolutionRequest(handle, null, new int[] {2}, null)));
    ResolutionRequest digested = new ResolutionRequest(handle, null, null, null);
    digested.returnRequestDigest = true;
    tell("digested", tcp(digested));
    tell("remove", tcp(new RemoveValueRequest(handle, 2, by)));
    tell("foreign", tcp(new ResolutionRequest("88.1/x".getBytes(), null, null, null)));
    tell("list", tcp(new ListHandlesRequest(("0.NA/" + prefix).getBytes(), by)));
    tell("site", tcp(new GenericRequest("/".getBytes(), AbstractMessage.OC_GET_SITE_INFO, null)));
    java.security.KeyPairGenerator generator = java.security.KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    java.security.KeyPair pair = generator.generateKeyPair();
    HandleValue key = new HandleValue(301, "HS_PUBKEY".getBytes(), Util.getBytesFromPublicKey(pair.getPublic()));
    HandleValue right = new HandleValue(101, "HS_ADMIN".getBytes(),
        Encoder.encodeAdminRecord(new AdminRecord(admin, 301, true, true, true, true, true, true, true, true, true, true, true, true)));
    tell("addKey", tcp(new AddValueRequest(admin, new HandleValue[] {key}, by)));
    tell("addRight", tcp(new AddValueRequest(("0.NA/" + prefix).getBytes(), new HandleValue[] {right}, by)));
    AuthenticationInfo byKey = new PublicKeyAuthenticationInfo(admin, 301, pair.getPrivate());
    byte[] second = (prefix + "/java-2").getBytes("UTF-8");
    tell("createByKey", tcp(new CreateHandleRequest(second, values(1, "URL", "http://k.example"), byKey)));
    tell("deleteUdp", udp(new DeleteHandleRequest(handle, by)));
    byte[] derived = ("0.NA/" + prefix + ".9").getBytes();
    tell("home", tcp(new HomeNaRequest(derived, by)));
    tell("derived", tcp(new ListNAsRequest(("0.NA/" + prefix).getBytes(), by)));
    tell("unhome", tcp(new UnhomeNaRequest(derived, by)));
    HandleValue site = new HandleValue(7, "HS_SITE.PREFIX".getBytes(), Encoder.encodeSiteInfoRecord(new SiteInfo()));
    tell("delegate", tcp(new AddValueRequest(("0.NA/" + prefix).getBytes(), new HandleValue[] {site}, by)));
    ResolutionRequest stay = new ResolutionRequest((prefix + ".8/x").getBytes(), null, null, null);
    stay.doNotRefer = true;
    tell("notReferred", tcp(stay));
    System.exit(0);
  }

  static HandleValue[] values(int index, String type, String data) throws Exception {
    return new HandleValue[] {new HandleValue(index, type.getBytes("UTF-8"), data.getBytes("UTF-8"))};
  }

  static AbstractResponse tcp(AbstractRequest request) throws Exception {
    return resolver.sendRequestToServer(request, server(Interface.SP_HDL_TCP));
  }

  static AbstractResponse udp(AbstractRequest request) throws Exception {
    return resolver.sendRequestToServer(request, server(Interface.SP_HDL_UDP));
  }

  // Past the description of a server, in which this client takes ::1 for the IPv4 address 0.0.0.1.
  static AbstractResponse tcp6(AbstractRequest request) throws Exception {
    return resolver.sendHdlTcpRequest(request, InetAddress.getByName("::1"), port);
  }

  static AbstractResponse udp6(AbstractRequest request) throws Exception {
    return resolver.sendHdlUdpRequest(request, InetAddress.getByName("::1"), port);
  }

  static ServerInfo server(byte transport) {
    ServerInfo server = new ServerInfo();
    server.serverId = 1;
    server.ipAddress = new byte[16];
    System.arraycopy(address.getAddress(), 0, server.ipAddress, 12, 4);
    server.interfaces = new Interface[] {new Interface(Interface.ST_ADMIN_AND_QUERY, transport, port)};
    return server;
  }

  static void tell(String step, AbstractResponse response) throws Exception {
    StringBuilder text = new StringBuilder(String.valueOf(response.responseCode));
    if (response instanceof ResolutionResponse) {
      for (HandleValue value : ((ResolutionResponse) response).getHandleValues()) {
        String data = value.getDataAsString();
        text.append(' ').append(value.getIndex()).append('=').append(data.length() > 40 ? data.length() + " characters" : data);
      }
    } else if (response instanceof ListHandlesResponse) {
      for (byte[] handle : ((ListHandlesResponse) response).handles) text.append(' ').append(new String(handle, "UTF-8"));
    } else if (response instanceof ListNAsResponse) {
      for (byte[] handle : ((ListNAsResponse) response).handles) text.append(' ').append(new String(handle, "UTF-8"));
    } else if (response instanceof ServiceReferralResponse) {
      for (HandleValue value : ((ServiceReferralResponse) response).getHandleValues()) text.append(' ').append(value.getTypeAsString());
    } else if (response instanceof GetSiteInfoResponse) {
      text.append(" servers ").append(((GetSiteInfoResponse) response).siteInfo.servers.length);
    }
    System.out.println(step + "\t" + text);
  }
}
