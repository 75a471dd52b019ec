using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace CobraAD.Server.Watching;

/// <summary>
/// Publishes each result as JSON, at least once (QoS 1). While the broker is away results wait in memory, the newest ten thousand of
/// them; scoring never waits for the network.
/// </summary>
internal sealed partial class MqttSink : IPartSink
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly MqttAddress address;
    private readonly ILogger<MqttSink> logger;
    private readonly Channel<string> queue;
    private readonly CancellationTokenSource ending = new();
    private readonly Task publisher;

    public MqttSink(MqttAddress address, ILogger<MqttSink> logger)
    {
        this.address = address;
        this.logger = logger;
        queue = Channel.CreateBounded<string>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => LogDropped(address.ToString()));
        publisher = Task.Run(PublishAllAsync);
    }

    public async Task WriteAsync(WatchedPart part, CancellationToken cancellation) => await queue.Writer.WriteAsync(part.ToJson(), cancellation);

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        ending.CancelAfter(Farewell);
        await publisher;
        ending.Dispose();
    }

    private async Task PublishAllAsync()
    {
        using IMqttClient client = new MqttClientFactory().CreateMqttClient();
        try
        {
            await foreach (string message in queue.Reader.ReadAllAsync(ending.Token)) await PublishAsync(client, message);
            if (client.IsConnected) await client.DisconnectAsync(cancellationToken: ending.Token);
        }
        catch (OperationCanceledException)
        {
            LogAbandoned(queue.Reader.Count, address.ToString());
        }
    }

    private async Task PublishAsync(IMqttClient client, string message)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(250);
        while (true)
        {
            try
            {
                if (!client.IsConnected) await ConnectAsync(client);
                MqttClientPublishResult result = await client.PublishStringAsync(address.Topic, message, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: ending.Token);
                if (result.IsSuccess) return;
                // An answer is not yet a yes: the broker may refuse what this client publishes.
                throw new InvalidOperationException($"The broker refuses the result: {result.ReasonCode} {result.ReasonString}.");
            }
            catch (Exception exception) when (exception is MqttCommunicationException or MqttProtocolViolationException or IOException or InvalidOperationException || (exception is OperationCanceledException && !ending.IsCancellationRequested))
            {
                LogWaiting(address.ToString(), exception.Message, pause.TotalSeconds);
                await Task.Delay(pause, ending.Token);
                pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks));
            }
        }
    }

    private async Task ConnectAsync(IMqttClient client)
    {
        MqttClientOptionsBuilder options = new MqttClientOptionsBuilder().WithTcpServer(address.Host, address.Port).WithTlsOptions(tls => tls.UseTls(address.IsSecure));
        if (address.User is not null) options.WithCredentials(address.User, address.Password ?? "");
        await client.ConnectAsync(options.Build(), ending.Token);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Broker}: {Reason} Trying again in {Seconds} s")]
    private partial void LogWaiting(string broker, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Broker} is away for too long; the oldest waiting result was dropped")]
    private partial void LogDropped(string broker);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stopped with {Count} results that {Broker} did not take")]
    private partial void LogAbandoned(int count, string broker);
}
