using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CobraAD.Server.Endpoints;
using CobraAD.Server.Results;
using CobraAD.Server.Watching;

namespace CobraAD.Server.Tests.Endpoints;

public sealed class ProductTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_product_is_scored_by_its_own_model_and_threshold()
    {
        await using TestService service = await StartAsync();

        PartResult bottle = await ScoreAsync(service, "bottle"), screw = await ScoreAsync(service, "Screw");

        Assert.Equal(("bottle", true, 0.5), (bottle.Product, bottle.IsAnomalous, bottle.Threshold));
        Assert.Equal(("screw", false, 0.9), (screw.Product, screw.IsAnomalous, screw.Threshold));
        Assert.NotEqual(bottle.Model, screw.Model);
        Assert.Equal(bottle.Model, (await service.GetAsync<ModelDescription>("/v1/model?product=bottle")).Hash);
        Assert.Equal(screw.Model, (await service.GetAsync<ServiceSummary>("/v1/summary?product=screw")).Model);
        Assert.Equal(["bottle", "screw"], (await service.GetAsync<ProductList>("/v1/products")).Products);
    }

    [Fact]
    public async Task Results_are_those_of_a_product_or_of_all()
    {
        await using TestService service = await StartAsync();
        await ScoreAsync(service, "bottle");
        await ScoreAsync(service, "screw");

        Assert.Equal(["screw", "bottle"], (await service.GetAsync<ResultPage>("/v1/results")).Results.Select(result => result.Product));
        Assert.Equal(["screw"], (await service.GetAsync<ResultPage>("/v1/results?product=screw")).Results.Select(result => result.Product));
    }

    [Theory]
    [InlineData("/v1/score?product=nut")]
    [InlineData("/v1/model?product=nut")]
    [InlineData("/v1/summary?product=nut")]
    [InlineData("/v1/results?product=nut")]
    public async Task A_name_that_does_not_exist_is_404_with_the_names(string address)
    {
        await using TestService service = await StartAsync();

        using HttpResponseMessage response = address.Contains("score", StringComparison.Ordinal)
            ? await service.Client.PostAsync(address, TestPictures.Content(TestPictures.Grey(0.8)))
            : await service.Client.GetAsync(address);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        JsonElement problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("no-such-product", problem.GetProperty("code").GetString());
        Assert.Contains("bottle, screw", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/model")]
    [InlineData("/v1/summary")]
    public async Task Several_products_need_a_name(string address)
    {
        await using TestService service = await StartAsync();

        using HttpResponseMessage response = await service.Client.GetAsync(address);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("product-needed", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_model_that_is_sent_replaces_that_of_one_product_and_returns_after_a_restart()
    {
        await using (TestService service = await StartAsync())
        {
            using ByteArrayContent model = new("model three"u8.ToArray());
            model.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            using HttpResponseMessage response = await service.Client.PutAsync("/v1/model?product=screw", model);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        await using TestService again = await StartAsync();
        string bottle = (await again.GetAsync<ModelDescription>("/v1/model?product=bottle")).Hash, screw = (await again.GetAsync<ModelDescription>("/v1/model?product=screw")).Hash;

        Assert.Equal(Hash("model one"), bottle);
        Assert.Equal(Hash("model three"), screw);
    }

    [Fact]
    public async Task Each_product_has_a_watched_folder()
    {
        string bottles = Directory.CreateDirectory(folder.File("in-bottle")).FullName, screws = Directory.CreateDirectory(folder.File("in-screw")).FullName;
        await using TestService service = await StartAsync(watch: true);
        await File.WriteAllBytesAsync(Path.Combine(bottles, "b.png"), TestPictures.Grey(0.8));
        await File.WriteAllBytesAsync(Path.Combine(screws, "s.png"), TestPictures.Grey(0.8));

        await Eventually.HoldsAsync(async () => (await service.GetAsync<ResultPage>("/v1/results")).Results.Count == 2);

        await Eventually.HoldsAsync(() => File.Exists(Path.Combine(bottles, "anomalous", "b.png")) && File.Exists(Path.Combine(screws, "normal", "s.png")));
        Assert.Equal("s.png", (await service.GetAsync<ResultPage>("/v1/results?product=screw")).Results.Single().Name);
    }

    [Fact]
    public async Task One_model_knows_no_products()
    {
        await using TestService service = await TestService.StartAsync();

        using HttpResponseMessage named = await service.Client.GetAsync("/v1/model?product=bottle");
        using HttpResponseMessage scored = await service.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.8)));

        Assert.Equal(HttpStatusCode.NotFound, named.StatusCode);
        Assert.DoesNotContain("product", await scored.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty((await service.GetAsync<ProductList>("/v1/products")).Products);
    }

    [Fact]
    public void Products_that_cannot_be_served_are_refused()
    {
        ProductOptions bottle = new() { Name = "bottle", Model = "b.onnx" };

        Assert.Contains("two products", Message([bottle, bottle with { Name = "Bottle" }]), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("expected up to 64 letters", Message([bottle with { Name = "../x" }]), StringComparison.Ordinal);
        Assert.Contains("has no model", Message([bottle with { Model = "" }]), StringComparison.Ordinal);
        Assert.Contains("name it as one of them", Assert.Throws<ArgumentException>(() => new ServerOptions { Model = "x.onnx", Products = [bottle] }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("raw score of one model", Assert.Throws<ArgumentException>(() => new ServerOptions { Threshold = 1, Products = [bottle] }.Validate()).Message, StringComparison.Ordinal);

        static string Message(IReadOnlyList<ProductOptions> products) => Assert.ThrowsAny<ArgumentException>(() => new ServerOptions { Products = products }.Validate()).Message;
    }

    private Task<TestService> StartAsync(bool watch = false)
    {
        folder.File("model.onnx", "model one");
        folder.File("two.onnx", "model two");
        return TestService.StartAsync(
            options => options with
            {
                Model = "",
                Products =
                [
                    new ProductOptions { Name = "bottle", Model = folder.File("model.onnx"), Watch = Watched("in-bottle") },
                    new ProductOptions { Name = "screw", Model = folder.File("two.onnx"), Threshold = 0.9, Watch = Watched("in-screw") },
                ],
            },
            folder);

        WatchOptions? Watched(string name) => watch ? new WatchOptions { Folder = folder.File(name), Settle = TimeSpan.Zero, Interval = TimeSpan.FromSeconds(0.1) } : null;
    }

    private static async Task<PartResult> ScoreAsync(TestService service, string product)
    {
        using HttpResponseMessage response = await service.Client.PostAsync($"/v1/score?product={product}&name=part.png", TestPictures.Content(TestPictures.Grey(0.8)));
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<ScoreResponse>(TestService.Json))!.Results.Single();
    }

    private static string Hash(string content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)));
}
