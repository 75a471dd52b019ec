using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace CobraAD.Load;

/// <summary>Keeps so many requests in flight until the time is over.</summary>
internal sealed class LoadGenerator(LoadPlan plan)
{
    private readonly ConcurrentBag<TimeSpan> latencies = [];
    private readonly ConcurrentQueue<string> failures = new();
    private readonly ConcurrentDictionary<string, bool> models = new();

    public async Task<LoadReport> RunAsync()
    {
        using HttpClient client = new(new SocketsHttpHandler { MaxConnectionsPerServer = plan.Connections + 1 }) { BaseAddress = plan.Service };
        byte[][] images = await Task.WhenAll(plan.Images.Select(path => File.ReadAllBytesAsync(path)));
        await WarmUpAsync(client, images[0]);

        Stopwatch clock = Stopwatch.StartNew();
        Task[] senders = [.. Enumerable.Range(0, plan.Connections).Select(first => SendAsync(client, images, first, clock))];
        Task<TimeSpan?> swap = SwapAsync(client);
        Task<List<long>> memory = WatchMemoryAsync();
        await Task.WhenAll(senders);
        TimeSpan elapsed = clock.Elapsed;
        return new LoadReport([.. latencies.Order()], failures.Count, failures.FirstOrDefault(), elapsed, await memory, await swap, models.Count);
    }

    private async Task WarmUpAsync(HttpClient client, byte[] image)
    {
        for (int i = 0; i < plan.Connections; i++) await SendOneAsync(client, image);
        latencies.Clear();
    }

    private async Task SendAsync(HttpClient client, byte[][] images, int first, Stopwatch clock)
    {
        for (int i = first; clock.Elapsed < plan.Duration; i += plan.Connections) await SendOneAsync(client, images[i % images.Length]);
    }

    private async Task SendOneAsync(HttpClient client, byte[] image)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            using ByteArrayContent content = new(image);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            using HttpResponseMessage response = await client.PostAsync("/v1/score", content);
            string body = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
            {
                failures.Enqueue($"{(int)response.StatusCode} {body}");
                return;
            }

            latencies.Add(Stopwatch.GetElapsedTime(start));
            using JsonDocument answer = JsonDocument.Parse(body);
            models.TryAdd(answer.RootElement.GetProperty("results")[0].GetProperty("model").GetString()!, true);
        }
        catch (HttpRequestException exception)
        {
            failures.Enqueue(exception.Message);
        }
    }

    private async Task<TimeSpan?> SwapAsync(HttpClient client)
    {
        if (plan.Swap is null) return null;
        await Task.Delay(plan.Duration / 2);
        long start = Stopwatch.GetTimestamp();
        using StreamContent content = new(File.OpenRead(plan.Swap));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using HttpResponseMessage response = await client.PutAsync("/v1/model", content);
        if (!response.IsSuccessStatusCode) failures.Enqueue($"swap: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return Stopwatch.GetElapsedTime(start);
    }

    private async Task<List<long>> WatchMemoryAsync()
    {
        List<long> resident = [];
        for (int i = 0; i < 10 && plan.Process is not null; i++)
        {
            await Task.Delay(plan.Duration / 10);
            string line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{plan.Process}/status")).First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
            resident.Add(long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) << 10);
        }

        return resident;
    }
}
