using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CobraAD.Server.Endpoints;

/// <summary>Reads the images of a request as they arrive, within the limits; nothing touches the disk.</summary>
internal sealed class UploadReader(ServerOptions options)
{
    private const int LongestBoundary = 200;
    private const int LargestClaim = 1 << 16;

    /// <summary>The images of a raw body or of a multipart form.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="RefusedException">The body is of another kind, malformed or too large.</exception>
    public async IAsyncEnumerable<UploadedImage> ReadAsync(HttpRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)) throw WrongType(request.ContentType);
        if (type.Type.Equals("image", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase))
        {
            if (request.ContentLength > options.MaxImageBytes) throw TooLarge();
            yield return new UploadedImage(PartName.Clean(request.Query["name"], "image"), await ReadAllAsync(request.Body, (int?)request.ContentLength, cancellation));
            yield break;
        }

        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) throw WrongType(request.ContentType);
        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > LongestBoundary) throw RefusedException.Malformed($"The multipart boundary has {boundary.Length} characters, expected 1 to {LongestBoundary}.");
        MultipartReader reader = new(boundary, request.Body);
        int count = 0;
        while (await NextAsync(reader, cancellation) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition) || !disposition.IsFileDisposition()) continue;
            if (++count > options.MaxImagesPerRequest)
            {
                throw new RefusedException(StatusCodes.Status413PayloadTooLarge, "too-many-images", $"The request has more than {options.MaxImagesPerRequest} images, the limit that {nameof(options.MaxImagesPerRequest)} sets.");
            }

            string? name = disposition.FileNameStar.HasValue ? disposition.FileNameStar.Value : HeaderUtilities.RemoveQuotes(disposition.FileName).Value;
            yield return new UploadedImage(PartName.Clean(name, $"image {count}"), await ReadAllAsync(section.Body, null, cancellation));
        }

        if (count == 0) throw RefusedException.Malformed("The form has no file; send each image as a file part.");
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellation);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw RefusedException.Malformed($"The multipart body is malformed: {exception.Message}", exception);
        }
    }

    private async Task<byte[]> ReadAllAsync(Stream body, int? length, CancellationToken cancellation)
    {
        try
        {
            // A length is only a claim: memory is taken as bytes arrive.
            using MemoryStream bytes = new(Math.Min(length ?? 0, LargestClaim));
            byte[] buffer = new byte[1 << 14];
            int read;
            while ((read = await body.ReadAsync(buffer, cancellation)) > 0)
            {
                if (bytes.Length + read > options.MaxImageBytes) throw TooLarge();
                bytes.Write(buffer, 0, read);
            }

            return bytes.Length == bytes.Capacity ? bytes.GetBuffer() : bytes.ToArray();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw RefusedException.Malformed($"The body ends too early: {exception.Message}", exception);
        }
    }

    private RefusedException TooLarge() => RefusedException.TooManyBytes("An image", options.MaxImageBytes, nameof(options.MaxImageBytes));

    private static RefusedException WrongType(string? found) =>
        new(StatusCodes.Status415UnsupportedMediaType, "wrong-content-type", $"Found content type '{found ?? "none"}'; expected image/*, application/octet-stream or multipart/form-data.");
}
