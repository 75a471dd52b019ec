using System.Globalization;

namespace CobraAD.Server.Watching;

/// <summary>Where to publish: <c>[mqtt[s]://][user:password@]host[:port]/topic</c>.</summary>
/// <param name="Host">The broker.</param>
/// <param name="Port">Its port: 1883, or 8883 with TLS, unless given.</param>
/// <param name="Topic">The topic, which may have several levels.</param>
/// <param name="IsSecure">Whether the connection uses TLS.</param>
/// <param name="User">The name to log in with.</param>
/// <param name="Password">The password to log in with.</param>
internal sealed record MqttAddress(string Host, int Port, string Topic, bool IsSecure, string? User, string? Password)
{
    /// <summary>Reads an address.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <exception cref="ArgumentException">It is not such an address.</exception>
    public static MqttAddress Parse(string text)
    {
        string address = text.Contains("://", StringComparison.Ordinal) ? text : "mqtt://" + text;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("mqtt" or "mqtts") || uri.Host.Length == 0) throw Malformed(text);
        string topic = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        // '#' begins the fragment of an address; as a wildcard it has no place here either.
        if (topic.Length == 0 || topic.IndexOfAny(['#', '+', '\0']) >= 0 || uri.Fragment.Length > 0 || text.EndsWith('#')) throw Malformed(text);
        bool isSecure = uri.Scheme == "mqtts";
        string[] user = uri.UserInfo.Split(':', 2);
        return new MqttAddress(
            uri.DnsSafeHost, uri.Port > 0 ? uri.Port : isSecure ? 8883 : 1883, topic, isSecure,
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null);
    }

    /// <summary>The address without the password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsSecure ? "mqtts" : "mqtt")}://{Host}:{Port}/{Topic}");

    private static ArgumentException Malformed(string text) =>
        ServerOptions.Refused(nameof(WatchOptions.Mqtt), $"'{text}' is not an MQTT address; expected [mqtt[s]://][user:password@]host[:port]/topic without wildcards, e.g. broker:1883/line1/bottle.");
}
