using System.Net;
using System.Net.Http.Headers;
using CobraAD.Server.Scoring;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace CobraAD.Server.Tests.Endpoints;

public sealed class BadInputTests
{
    [Fact]
    public Task A_thousand_random_and_mutated_files_crash_nothing() => FuzzAsync(1_000, seed: 1);

    [Fact]
    [Trait("Category", "Slow")]
    public Task Ten_thousand_random_and_mutated_files_crash_nothing() => FuzzAsync(10_000, seed: 2);

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("..\\..\\windows\\system32\\config")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\secret.png")]
    [InlineData("part.png\0.exe")]
    [InlineData("..")]
    [InlineData("a/../../b.png")]
    [InlineData("%2e%2e%2fpasswd")]
    public async Task No_name_of_a_part_leads_anywhere(string name)
    {
        using TemporaryFolder folder = new();
        await using TestService service = await TestService.StartAsync(options => options with { KeepImages = Server.Results.ImageRetention.Originals }, folder);
        string[] before = Files(folder);
        using MultipartFormDataContent form = [];
        ByteArrayContent image = TestPictures.Content(TestPictures.Grey(0.3));
        image.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "images", FileNameStar = name };
        form.Add(image);

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", form);
        Server.Endpoints.ScoreResponse raw = await service.ScoreAsync(TestPictures.Grey(0.3), name);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain('/', raw.Results[0].Name);
        Assert.DoesNotContain('\\', raw.Results[0].Name);
        Assert.DoesNotContain('\0', raw.Results[0].Name);
        Assert.Equal(before, Files(folder));
    }

    [Theory]
    [InlineData("/../appsettings.json")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/wwwroot/index.html")]
    [InlineData("/js/..%5c..%5cmodel.onnx")]
    [InlineData("/v1/results/..%2f1/image")]
    public async Task No_address_leads_to_a_file(string address)
    {
        await using TestService service = await TestService.StartAsync();

        using HttpResponseMessage response = await service.Client.GetAsync(address);

        Assert.InRange((int)response.StatusCode, 400, 404);
    }

    private static string[] Files(TemporaryFolder folder) =>
        [.. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Where(path => !Path.GetFileName(path).StartsWith("results.db", StringComparison.Ordinal)).Order()];

    private static async Task FuzzAsync(int count, int seed)
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        await using TestService service = await TestService.StartAsync(folder: folder, configure: builder => builder.Services.AddSingleton<IScorerLoader, DetectorLoader>());
        Random random = new(seed);
        byte[][] sound =
        [
            TestPictures.Grey(0.4), TestPictures.Grey(0.4, SKEncodedImageFormat.Jpeg, 33, 17), TestPictures.Grey(0.4, SKEncodedImageFormat.Webp),
            "BM"u8.ToArray(), "II*\0"u8.ToArray(), "GIF89a"u8.ToArray(),
        ];
        string[] types = ["image/png", "image/jpeg", "application/octet-stream", "image/x-unknown", "multipart/form-data; boundary=b"];
        Dictionary<int, int> statuses = [];

        for (int i = 0; i < count; i++)
        {
            byte[] file = Mutate(sound[random.Next(sound.Length)], random);
            string type = types[random.Next(types.Length)];
            if (type.StartsWith("multipart", StringComparison.Ordinal)) file = Wrap(file, random);
            using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", TestPictures.Content(file, type));
            int status = (int)response.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            if (status != 200) await ScoreEndpointsTests.AssertProblemAsync(response, status);
        }

        Assert.All(statuses.Keys, status => Assert.True(status is 200 or (>= 400 and < 500), $"status {status}"));
        Assert.True(statuses.GetValueOrDefault(400) + statuses.GetValueOrDefault(415) + statuses.GetValueOrDefault(422) > count / 2, string.Join(", ", statuses));
        Assert.Single((await service.ScoreAsync(TestPictures.Grey(0.4))).Results);
    }

    private static byte[] Mutate(byte[] source, Random random)
    {
        byte[] file = [.. source];
        switch (random.Next(5))
        {
            case 0:
                file = new byte[random.Next(2000)];
                random.NextBytes(file);
                return file;
            case 1:
                return file[..random.Next(file.Length)];
            case 2:
                byte[] tail = new byte[random.Next(500)];
                random.NextBytes(tail);
                return [.. file, .. tail];
            default:
                for (int flips = random.Next(1, 20); flips > 0; flips--) file[random.Next(file.Length)] = (byte)random.Next(256);
                return file;
        }
    }

    private static byte[] Wrap(byte[] file, Random random)
    {
        byte[] head = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../x.png\"\r\n\r\n"u8.ToArray();
        byte[] whole = [.. head, .. file, .. "\r\n--b--\r\n"u8];
        return random.Next(3) == 0 ? whole[..random.Next(whole.Length)] : random.Next(3) == 0 ? Mutate(whole, random) : whole;
    }
}
