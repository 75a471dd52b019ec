using System.Data.Common;
using CobraAD.Server.Results;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace CobraAD.Server.Hosting;

/// <summary>Says every failure that has a known cause as a problem document (RFC 9457).</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems) : IExceptionHandler
{
    // nginx's word for a client that went away; nobody reads it but the log.
    private const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellation)
    {
        (int status, string code, string detail) = exception switch
        {
            RefusedException refused => (refused.Status, refused.Code, refused.Message),
            BadHttpRequestException bad => (bad.StatusCode, "malformed", bad.Message),
            ResultStoreException => (StatusCodes.Status503ServiceUnavailable, "not-stored", "The database did not take the result; send the part again."),
            DbException => (StatusCodes.Status503ServiceUnavailable, "database-away", "The database does not answer; try again in a moment."),
            OperationCanceledException when context.RequestAborted.IsCancellationRequested => (ClientClosedRequest, "cancelled", "The client went away."),
            _ => default,
        };
        if (status == 0) return false;

        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        ProblemDetails problem = new() { Status = status, Detail = detail, Extensions = { ["code"] = code } };
        if (!await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem, Exception = exception }))
        {
            // A client that accepts no JSON still gets the status.
            await context.Response.StartAsync(cancellation);
        }

        return true;
    }
}
