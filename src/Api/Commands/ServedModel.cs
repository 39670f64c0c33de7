using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands;

/// <summary>The model of an engine's command line: an id, with llama.cpp's name of a file's quantisation behind a colon.</summary>
internal static class ServedModel
{
    /// <summary>A path is known by its end alone, and what only a shell would know is not guessed.</summary>
    /// <returns>False where the model is such, or its quantisation is not known.</returns>
    public static bool Set(CommandSettings command, string text)
    {
        var settings = command.Settings;
        if (!IsId(text))
        {
            if (ModelPath.Of(text) is not var (name, said))
                return false;
            (settings.Model, command.ModelGuess) = (new ModelSpec { Name = name }, said);
            return true;
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        settings.Model = new ModelSpec { Name = colon < 0 ? text : text[..colon] };
        if (colon < 0)
            return true;
        var scheme = EngineSpellings.Read(EngineSpellings.Quantization, text[(colon + 1)..]);

        // What llama.cpp calls MXFP4 is so in its experts alone: the type says more than the format.
        if (scheme is not null and not QuantizationScheme.MXFP4)
            (settings.Quantization ??= new QuantizationSettings()).Scheme = scheme;
        else if (GgufTag.IsType(text[(colon + 1)..]))
            settings.Model.Name = text;
        else
            return false;
        return true;
    }

    /// <summary>Neither a path in the container or a bucket nor something that only a shell would know.</summary>
    public static bool IsId(string text) => text.Length > 0 && text[0] is not ('/' or '.' or '~') && !text.Contains("://", StringComparison.Ordinal) && !text.EndsWith(".gguf", StringComparison.Ordinal) && text.AsSpan().IndexOfAny('$', '`') < 0;
}
