using CobraAD.Server.Endpoints;
using Microsoft.AspNetCore.Http;

namespace CobraAD.Server.Tests.Endpoints;

public sealed class UploadReaderTests
{
    [Fact]
    public async Task A_claimed_length_costs_no_memory()
    {
        const int claimed = 32 << 20;
        UploadReader reader = new(new ServerOptions { MaxImageBytes = claimed });
        DefaultHttpContext context = new();
        (context.Request.ContentType, context.Request.ContentLength, context.Request.Body) = ("image/png", claimed, new MemoryStream(new byte[400]));
        long before = GC.GetAllocatedBytesForCurrentThread();

        await foreach (UploadedImage image in reader.ReadAsync(context.Request, default)) Assert.Equal(400, image.Bytes.Length);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, claimed / 32);
    }
}
